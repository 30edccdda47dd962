#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace fracas::model {

class NetFlows;

// Ports `first` to `last`, both included.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;

  bool operator==(const PortRange&) const = default;
};

// At most so many ranges in one fault.
inline constexpr int kPortRangesMax = 8;

// Reads "80" or "9000-9100". ERRORS: one sentence that names the text: no number, not 1 to 65535, the end before the
// start.
Result<PortRange> parse_port_range(std::string_view text);

// The rules that a reader of single fields cannot know. ERRORS: one sentence: a bad range or prefix, too many,
// ports of a protocol that has none.
Status check_flows(const NetFlows& flows);

// Whether a text is an address or a prefix: "10.20.0.0/16", "fd00::66". ERRORS: one sentence that names it: no address,
// a length out of range, bits set behind it.
Status check_prefix(const std::string& text);

// What is to be said of the flows where it is not all of them: " tcp ports 7000,8000-8100 30% of connections", with the
// leading space, or nothing.
std::string describe_flows(const NetFlows& flows);

}  // namespace fracas::model
