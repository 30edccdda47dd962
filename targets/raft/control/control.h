#pragma once
#include <string>
#include <vector>

#include "lib/base/result.h"

// `fracas-raft control`: what an administrator asks of a running cluster.
namespace fracas::raft {

struct ControlWords {
  std::vector<std::string> nodes;   // whom to ask: NAME=ADDRESS:PORT, at least one
  std::string within = "10s";       // how long it may take
  std::string to;                   // transfer: who shall lead
  std::vector<std::string> voters;  // members: who shall belong to the cluster
  std::vector<std::string> learners;
};

// What each node says of itself, on stdout. ERRORS, also below: bad words; who does not answer; why it was not done.
Status print_status(const ControlWords& words);
Status transfer(const ControlWords& words);
Status change_members(const ControlWords& words);

}  // namespace fracas::raft
