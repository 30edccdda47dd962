#pragma once
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace fracas::agent {

// A process the agent is to run and look after.
struct ServiceSpec {
  std::string name;
  std::vector<std::string> argv;
  std::string working_directory;  // empty: the agent's
  std::string output;             // file that stdout and stderr are appended to; empty: the agent's

  bool operator==(const ServiceSpec&) const = default;
};

// ERRORS of both: EINVAL and one sentence that names the value and the rule it breaks.
Status check_service(const ServiceSpec& spec);
Status check_service_name(const std::string& name);

}  // namespace fracas::agent
