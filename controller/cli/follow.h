#pragma once
#include "controller/cli/commands.h"
#include "controller/report/run_record.h"
#include "lib/base/result.h"

namespace fracas::controller {

// A history of JSON lines, judged while it is written: reads until it ends or is violated. ERRORS: it cannot be read,
// or not be followed: the model is not that of a register, or an option needs the whole history.
Result<RunRecord> follow_history(const CheckCommand& command);

}  // namespace fracas::controller
