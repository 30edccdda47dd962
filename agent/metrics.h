#pragma once
#include <filesystem>
#include <string>

#include "agent/agent.h"
#include "agent/call_counter.h"

namespace fracas::agent {

// What an agent tells Prometheus at this moment; every name is in docs/metrics.md. `certificate` is the file of its
// own. Thread: any.
std::string metrics_text(Agent& agent, const CallCounter& calls, const std::filesystem::path& certificate);

}  // namespace fracas::agent
