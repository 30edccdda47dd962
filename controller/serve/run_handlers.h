#pragma once
#include "controller/serve/http.h"
#include "controller/serve/run_control.h"

namespace fracas::controller {

// The endpoints of runs. Both references outlive the handlers.
Handlers run_handlers(RunControl& runs, Database& database);

}  // namespace fracas::controller
