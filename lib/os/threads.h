#pragma once
#include <sys/types.h>

#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace fracas::os {

// The threads of a process. ERRORS: ESRCH it is gone. Source: proc(5), /proc/PID/task.
Result<std::vector<pid_t>> threads_of(pid_t pid);

// Whether a thread has ended, though its process may not have been collected yet.
bool has_ended(pid_t tid);

// A number in /proc/TID/status, as "TracerPid" or "Seccomp"; 0 if it is not there, or the thread is gone.
int status_number(pid_t tid, std::string_view field);

}  // namespace fracas::os
