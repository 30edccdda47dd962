#pragma once
#include <string>

#include "lib/base/result.h"

namespace fracas::model {

class ProcessSelector;

// The rule that a reader of single fields cannot know, and those of the fields for whoever did not read them from TOML.
// ERRORS: EINVAL and one sentence: not exactly one key; a value out of its range.
Status check_selector(const ProcessSelector& selector);

// "processes named etcd*", "processes of cgroup system.slice/etcd.service", "processes that listen on port 2379", …
// REQUIRES: check_selector.
std::string describe_selector(const ProcessSelector& selector);

}  // namespace fracas::model
