#include "lib/model/net_flows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <optional>

#include "lib/model/fault.pb.h"
#include "lib/model/process_selector.h"

namespace fracas::model {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::string_view name_of(Protocol protocol) {
  switch (protocol) {
    case PROTOCOL_TCP:
      return "tcp";
    case PROTOCOL_UDP:
      return "udp";
    case PROTOCOL_ICMP:
      return "icmp";
    default:
      return "";
  }
}

}  // namespace

Result<PortRange> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_port(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
  if (!first || !last)
    return failure(
        fmt::format("\"{}\" is neither a port like \"80\" nor a range like \"9000-9100\" in 1 to 65535", text));
  if (*last < *first) return failure(fmt::format("the port range \"{}\" ends before it starts", text));
  return PortRange{.first = *first, .last = *last};
}

Status check_prefix(const std::string& text) {
  const std::size_t slash = text.find('/');
  const bool ipv6 = text.find(':') != std::string::npos;
  std::array<std::uint8_t, 16> address{};
  if (::inet_pton(ipv6 ? AF_INET6 : AF_INET, text.substr(0, slash).c_str(), address.data()) != 1)
    return failure(fmt::format("\"{}\" is no address like \"10.20.0.7\" and no prefix like \"10.20.0.0/16\"", text));
  const unsigned bits = ipv6 ? 128 : 32;
  if (slash == std::string::npos) return {};
  unsigned length = 0;
  const char* end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data() + slash + 1, end, length);
      read.ec != std::errc() || read.ptr != end || length > bits)
    return failure(fmt::format("the length of prefix \"{}\" is not between 0 and {}", text, bits));
  for (unsigned bit = length; bit < bits; ++bit)
    if ((address[bit / 8] & (0x80U >> bit % 8)) != 0)
      return failure(fmt::format("prefix \"{}\" has bits set behind its length", text));
  return {};
}

Status check_flows(const NetFlows& flows) {
  for (const std::string& text : flows.prefixes())
    if (auto right = check_prefix(text); !right) return right;
  if (flows.ports_size() > kPortRangesMax)
    return failure(fmt::format("there are {} ports and ranges; at most {}", flows.ports_size(), kPortRangesMax));
  if (flows.ports_size() > 0 && flows.protocol() == PROTOCOL_ICMP) return failure("icmp has no ports");
  for (const std::string& text : flows.ports())
    if (auto range = parse_port_range(text); !range) return failure(std::move(range).error());
  if (!(flows.share() >= 0 && flows.share() <= 1))
    return failure(fmt::format("share {} is not between 0 and 1", flows.share()));
  return {};
}

std::string describe_flows(const NetFlows& flows) {
  std::string text;
  if (flows.prefixes_size() > 0) text += fmt::format(" to {}", fmt::join(flows.prefixes(), ","));
  if (flows.protocol() != PROTOCOL_ANY) text += fmt::format(" {}", name_of(flows.protocol()));
  if (flows.ports_size() > 0)
    text += fmt::format(" port{} {}", flows.ports_size() > 1 ? "s" : "", fmt::join(flows.ports(), ","));
  if (flows.share() > 0 && flows.share() < 1) text += fmt::format(" {:.3g}% of connections", flows.share() * 100);
  if (flows.target_only()) text += " of the target alone";
  if (flows.has_senders()) text += " of " + describe_selector(flows.senders());
  return text;
}

}  // namespace fracas::model
