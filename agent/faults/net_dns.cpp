#include "agent/faults/net_dns.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/faults/net_fault.h"
#include "agent/faults/net_rule.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.dns";
constexpr const char* kDnsPort = "53";

DnsAnswer answer_of(model::NetDns::Answer answer) {
  switch (answer) {
    case model::NetDns::ANSWER_SERVFAIL:
      return DnsAnswer::servfail;
    case model::NetDns::ANSWER_TIMEOUT:
      return DnsAnswer::silence;
    case model::NetDns::ANSWER_ADDRESS:
      return DnsAnswer::address;
    default:
      return DnsAnswer::nxdomain;
  }
}

NetRule rule_of(const model::Injection& injection) {
  const model::NetDns& fault = injection.net_dns();
  NetRule rule = rule_for(kName, injection.scope(), fault.flows());
  if (rule.ports.empty()) rule.ports = {kDnsPort};
  rule.dns = NetDns{.answer = answer_of(fault.answer()),
                    .names = {fault.names().begin(), fault.names().end()},
                    .ipv4 = fault.ipv4(),
                    .ipv6 = fault.ipv6()};
  return rule;
}

Status check(const model::Injection& injection) {
  const model::NetDns& fault = injection.net_dns();
  if (!model::NetDns::Answer_IsValid(fault.answer())) return failure(fmt::format("{}: unknown answer", kName), EINVAL);
  const bool has_address = !fault.ipv4().empty() || !fault.ipv6().empty();
  if (has_address != (fault.answer() == model::NetDns::ANSWER_ADDRESS))
    return failure(fmt::format("{}: ipv4 and ipv6 go with the answer address, which needs one of them", kName), EINVAL);
  if (fault.flows().protocol() == model::PROTOCOL_ICMP)
    return failure(fmt::format("{} acts on UDP and TCP", kName), EINVAL);
  if (auto good = check_packets(kName, injection.scope(), fault.flows()); !good) return good;
  // Names and addresses.
  if (auto parsed = parse_net_rule(rule_of(injection)); !parsed) return failure(parsed.error().message, EINVAL);
  return {};
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  return prepare_rule(rule_of(preparation.injection), preparation);
}

}  // namespace

constexpr FaultKind kNetDns{.name = kName,
                            .ends_by_itself = true,
                            .check = check,
                            .prepare = prepare,
                            .undo = undo_rule,
                            .probe = probe_net_drop,
                            .sweep = remove_net_leftovers};

}  // namespace fracas::agent
