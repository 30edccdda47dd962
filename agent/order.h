#pragma once
#include <cstdint>
#include <string>

#include "agent/effect.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::model {
class Injection;
}

// What a controller may ask of an agent, and the rules it must obey. Pure: no clock, file or kernel.
namespace fracas::agent {

// A fault as it is prepared. The injection is borrowed for the call.
struct Order {
  std::string id;
  const model::Injection& injection;
  Duration lease{};
};

// All of these: ERRORS: EINVAL and one sentence that names the value and the rule it breaks.
Status check_order(const Order& order);
// The lease a controller may ask for: 100 ms to 10 minutes.
Status check_lease(Duration lease);
// A window must end after it starts and after `now_ns`, and last a day at most.
Status check_window(const Window& window, std::int64_t now_ns);

}  // namespace fracas::agent
