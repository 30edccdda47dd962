#pragma once
#include <optional>
#include <vector>

#include "agent/bpf/net.abi.h"
#include "agent/faults/dns_names.h"
#include "agent/faults/net.h"
#include "agent/faults/net_prefix.h"
#include "agent/line/delay_line.h"

namespace fracas::agent {

// A NetRule that has been checked, in the classifier's words.
struct ParsedNetRule {
  NetRule rule;
  std::vector<NetPrefix> from{};
  std::vector<NetPrefix> to{};
  std::vector<std::uint64_t> cgroups{};  // their ids
  std::vector<DnsPattern> names{};
  fracas_net_dns_answer dns{};
  fracas_stage stage{};
  fracas_net_rule shared{};          // not armed, without a detour
  std::optional<LineRule> detour{};  // for what must be held, or changed outside the kernel
};

// ERRORS: one line that begins with the rule's kind: an unknown kind, a bad prefix, port or name, a number out of
// range, a cgroup that is not there.
Result<ParsedNetRule> parse_net_rule(const NetRule& rule);

}  // namespace fracas::agent
