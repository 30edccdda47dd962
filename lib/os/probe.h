#pragma once
#include <string>

#include "lib/base/result.h"

// Whether this kernel, with the rights this process has, can do what faults need; each is tried for real, on something
// made for the purpose. Thread: any.
namespace fracas::os {

// "6.1.0-28-amd64".
std::string kernel_release();

// Makes a cgroup, puts a process into it, freezes, thaws and removes it. ERRORS: the step that does not work here.
Status probe_freezer();

// Starts a process, signals it by its pidfd and sees it end. ERRORS: the step that does not work here.
Status probe_pidfd();

}  // namespace fracas::os
