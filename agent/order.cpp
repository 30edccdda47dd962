#include "agent/order.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/catalogue.h"
#include "agent/name_rule.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kIdLengthMax = 100;
constexpr Duration kLeaseMin = 100ms;
constexpr Duration kLeaseMax = 10min;
constexpr std::int64_t kWindowMaxNs = Duration(24h).count();

tl::unexpected<Error> invalid(std::string message) {
  return failure(std::move(message), EINVAL);
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

}  // namespace

Status check_order(const Order& order) {
  if (auto valid = check_id(order.id); !valid) return valid;
  if (auto valid = check_lease(order.lease); !valid) return valid;
  const FaultKind* kind = kind_of(order.injection);
  if (kind == nullptr) return invalid("the injection's kind is missing, or newer than this agent");
  if (auto valid = check_scope(order.injection.scope()); !valid) return valid;
  return kind->check(order.injection);
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

}  // namespace fracas::agent
