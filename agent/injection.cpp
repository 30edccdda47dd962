#include "agent/injection.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>

#include <fmt/format.h>

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kIdLengthMax = 100;
constexpr std::size_t kServiceNameLengthMax = 64;
constexpr std::size_t kPrefixesMax = 1000;
constexpr Duration kLeaseMin = 100ms;
constexpr Duration kLeaseMax = 10min;
constexpr std::int64_t kWindowMaxNs = Duration(24h).count();

tl::unexpected<Error> invalid(std::string message) {
  return failure(std::move(message), EINVAL);
}

bool consists_of(std::string_view text, std::string_view extra) {
  return std::all_of(text.begin(), text.end(), [extra](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           extra.find(c) != std::string_view::npos;
  });
}

Status check_id(const std::string& id) {
  if (id.empty()) return invalid("the fault's id is empty");
  if (id.size() > kIdLengthMax)
    return invalid(
        fmt::format("the fault's id is {} characters long, at most {} are allowed", id.size(), kIdLengthMax));
  if (id.front() == '.' || !consists_of(id, "._#-"))
    return invalid(fmt::format(
        "the fault's id '{}' must consist of letters, digits, '.', '_', '#' and '-' and not start with '.'", id));
  return {};
}

Status check_service_name(const std::string& name) {
  if (name.empty()) return invalid("a service's name is empty");
  if (name.size() > kServiceNameLengthMax)
    return invalid(fmt::format("the service name '{}' is longer than {} characters", name, kServiceNameLengthMax));
  if (name.front() == '.' || !consists_of(name, "._-"))
    return invalid(fmt::format(
        "the service name '{}' must consist of letters, digits, '.', '_' and '-' and not start with '.'", name));
  return {};
}

Status check_services(const std::vector<std::string>& services) {
  if (services.empty()) return invalid("a process fault names no service");
  for (const std::string& name : services)
    if (auto valid = check_service_name(name); !valid) return valid;
  return {};
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

Status check_rule(const NetRule& rule) {
  if (rule.from.empty() && rule.to.empty()) return invalid(rule.kind + " names neither senders nor receivers");
  if (rule.from.size() + rule.to.size() > kPrefixesMax)
    return invalid(fmt::format("{} names more than {} prefixes", rule.kind, kPrefixesMax));
  for (const auto* prefixes : {&rule.from, &rule.to})
    for (const std::string& prefix : *prefixes)
      if (auto valid = check_prefix(prefix); !valid) return valid;
  if (!(rule.loss >= 0 && rule.loss <= 1))
    return invalid(fmt::format("{}: loss {} is not between 0 and 1", rule.kind, rule.loss));
  if (rule.kind == "net.loss" && rule.loss == 0) return invalid("net.loss with a loss of 0 does nothing");
  if (rule.delay < Duration::zero() || rule.delay > 60s)
    return invalid(rule.kind + ": the delay must be between 0 and 60s");
  if (rule.kind == "net.delay" && rule.delay == Duration::zero())
    return invalid("net.delay without a delay does nothing");
  if (rule.jitter < Duration::zero() || rule.jitter > rule.delay)
    return invalid(rule.kind + ": the jitter must be between 0 and the delay");
  return {};
}

Status check_rule(const ProcessKillRule& rule) {
  if (rule.restart_after && (*rule.restart_after <= Duration::zero() || *rule.restart_after > 1h))
    return invalid("process.kill: restart_after must be above 0 and at most 1h");
  constexpr std::array kSignals = {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGABRT};
  if (std::find(kSignals.begin(), kSignals.end(), rule.signal) == kSignals.end())
    return invalid(fmt::format("process.kill: signal {} does not end a process", rule.signal));
  return check_services(rule.services);
}

Status check_rule(const ProcessPauseRule& rule) {
  return check_services(rule.services);
}

}  // namespace

std::string_view kind(const Injection& injection) {
  if (const auto* net = std::get_if<NetRule>(&injection)) return net->kind;
  return std::holds_alternative<ProcessKillRule>(injection) ? "process.kill" : "process.pause";
}

bool same(const Injection& left, const Injection& right) {
  if (left.index() != right.index()) return false;
  if (const auto* kill = std::get_if<ProcessKillRule>(&left)) return *kill == std::get<ProcessKillRule>(right);
  if (const auto* pause = std::get_if<ProcessPauseRule>(&left)) return *pause == std::get<ProcessPauseRule>(right);
  const auto& a = std::get<NetRule>(left);
  const auto& b = std::get<NetRule>(right);
  return a.kind == b.kind && a.from == b.from && a.to == b.to && std::is_eq(a.loss <=> b.loss) && a.delay == b.delay &&
         a.jitter == b.jitter && a.seed == b.seed;
}

Status check_order(const Order& order) {
  if (auto valid = check_id(order.id); !valid) return valid;
  if (auto valid = check_lease(order.lease); !valid) return valid;
  return std::visit([](const auto& rule) { return check_rule(rule); }, order.injection);
}

Status check_lease(Duration lease) {
  if (lease < kLeaseMin || lease > kLeaseMax)
    return invalid(fmt::format("a lease of {} is not between {} and {}",
                               lease.count() < 0 ? "a negative time" : format_duration(lease),
                               format_duration(kLeaseMin), format_duration(kLeaseMax)));
  return {};
}

Status check_window(const Window& window, std::int64_t now_ns) {
  if (window.start_ns <= 0 || window.end_ns <= window.start_ns)
    return invalid(fmt::format("the window from {} to {} is empty", window.start_ns, window.end_ns));
  if (window.end_ns <= now_ns)
    return invalid(fmt::format("the window ended {} ago", describe_duration(Duration(now_ns - window.end_ns))));
  if (window.end_ns - window.start_ns > kWindowMaxNs) return invalid("the window is longer than 24h");
  return {};
}

Status check_service(const ServiceSpec& spec) {
  if (auto valid = check_service_name(spec.name); !valid) return valid;
  if (spec.argv.empty()) return invalid("service '" + spec.name + "' has no program to run");
  if (spec.argv.front().empty() || spec.argv.front().front() != '/')
    return invalid("service '" + spec.name + "': the program '" + spec.argv.front() + "' must be an absolute path");
  for (const std::string* path : {&spec.working_directory, &spec.output})
    if (!path->empty() && path->front() != '/')
      return invalid("service '" + spec.name + "': the path '" + *path + "' must be absolute");
  return {};
}

}  // namespace fracas::agent
