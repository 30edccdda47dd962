#include "agent/scope.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>

#include "agent/policy_scope.h"
#include "agent/service_spec.h"
#include "lib/model/agent.pb.h"
#include "lib/model/process_selector.h"

namespace fracas::agent {
namespace {

constexpr int kPrefixesMax = 1000;
constexpr int kServicesMax = 100;

tl::unexpected<Error> invalid(std::string message) {
  return failure(std::move(message), EINVAL);
}

Status check_prefix(const std::string& prefix) {
  const std::size_t slash = prefix.find('/');
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const std::string host = prefix.substr(0, slash);
  const bool ipv6 = host.find(':') != std::string::npos;
  if (::inet_pton(ipv6 ? AF_INET6 : AF_INET, host.c_str(), address.data()) != 1)
    return invalid(fmt::format("'{}' is no IP address prefix", prefix));
  if (slash == std::string::npos) return {};
  const std::string_view length_text = std::string_view(prefix).substr(slash + 1);
  int length = -1;
  const auto [end, failed] = std::from_chars(length_text.begin(), length_text.end(), length);
  const int length_max = ipv6 ? 128 : 32;
  if (failed != std::errc() || end != length_text.end() || length < 0 || length > length_max)
    return invalid(fmt::format("'{}': the prefix length must be 0 to {}", prefix, length_max));
  return {};
}

}  // namespace

Status check_scope(const model::Scope& scope) {
  if (scope.from_size() + scope.to_size() > kPrefixesMax)
    return invalid(fmt::format("a fault names more than {} prefixes", kPrefixesMax));
  if (scope.services_size() > kServicesMax)
    return invalid(fmt::format("a fault names more than {} services", kServicesMax));
  for (const auto* prefixes : {&scope.from(), &scope.to()})
    for (const std::string& prefix : *prefixes)
      if (auto valid = check_prefix(prefix); !valid) return valid;
  for (const std::string& name : scope.services())
    if (auto valid = check_service_name(name); !valid) return valid;
  return {};
}

Status require_peers(std::string_view kind, const model::Scope& scope) {
  if (scope.from_size() + scope.to_size() > 0) return {};
  return invalid(fmt::format("{} names neither senders nor receivers", kind));
}

Status require_services(std::string_view kind, const model::Scope& scope) {
  if (scope.services_size() > 0) return {};
  return invalid(fmt::format("{} names no service", kind));
}

Status require_victims(std::string_view kind, const model::Injection& injection) {
  const model::ProcessSelector* processes = processes_in(injection);
  if (processes == nullptr) return require_services(kind, injection.scope());
  if (injection.scope().services_size() > 0)
    return invalid(fmt::format("{} names services and chooses processes", kind));
  if (auto right = model::check_selector(*processes); !right) return failure(std::move(right).error().context(kind));
  return {};
}

}  // namespace fracas::agent
