#pragma once
#include <cstdint>
#include <string>

#include "lib/model/node_event.h"
#include "targets/raft/core/output.h"

namespace fracas::raft {

// What a member says of itself, as the checker reads it. `time_ns` is CLOCK_BOOTTIME.
model::NodeEvent event_record(const Event& event, const std::string& node, std::int64_t time_ns);

}  // namespace fracas::raft
