#pragma once
#include "checker/readers/reading.h"

namespace fracas::checker {

// The console log of a Jepsen test: "INFO  jepsen.util - 4 :invoke :cas [3 1]" (process, type, function, value in EDN).
// Other lines of the log are skipped and counted in a note. It has no times: the order of the lines counts.
Result<Reading> read_etcd_log(const Text& text, const ReadOptions& options);

}  // namespace fracas::checker
