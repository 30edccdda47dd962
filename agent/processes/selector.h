#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "agent/processes/process_facts.h"
#include "lib/base/result.h"

namespace fracas::model {
class ProcessSelector;
}

// What a fault's message says of processes that it does not know by their service, in plain values. Pure.
namespace fracas::agent {

struct ByName {
  std::string pattern;  // of the program's file name or the process's own name
};
struct ByCgroup {
  std::string pattern;  // of the cgroup, or of one above it; without slashes at its ends
};
struct ByContainer {
  std::string id;  // its beginning, or the whole name
};
struct ByListen {
  std::uint16_t port = 0;
};
struct ByPid {
  pid_t pid = 0;
};

struct ProcessSelector {
  std::variant<ByName, ByCgroup, ByContainer, ByListen, ByPid> by;
  std::string words;  // "processes named etcd*"
};

// REQUIRES: model::check_selector.
ProcessSelector selector_from(const model::ProcessSelector& message);

// Whether it chooses a process; of ByListen, whose sockets stand elsewhere, never.
bool chooses(const ProcessSelector& selector, const ProcessFacts& process);

// Whether it chooses this cgroup, itself, not one above it: what the senders of packets are told by.
bool chooses_cgroup(const ProcessSelector& selector, const std::string& cgroup);

}  // namespace fracas::agent
