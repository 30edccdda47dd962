#include "controller/workload/call_events.h"

#include <utility>

namespace fracas::controller {

model::Event invocation(const std::string& process, const Call& call) {
  return {.time_ns = 0,
          .process = process,
          .type = model::EventType::invoke,
          .function = call.function,
          .key = call.key,
          .value = call.value,
          .node = {},
          .error = {}};
}

void complete(model::Event& event, Answer answer) {
  event.type = answer.type;
  if (event.function == model::Function::read || !std::holds_alternative<std::monostate>(answer.value))
    event.value = std::move(answer.value);
  event.node = std::move(answer.node);
  event.error = std::move(answer.error);
}

model::EventType event_type(node::Outcome outcome) {
  switch (outcome) {
    case node::Outcome::ok:
      return model::EventType::ok;
    case node::Outcome::fail:
      return model::EventType::fail;
    case node::Outcome::indeterminate:
      break;
  }
  return model::EventType::info;
}

}  // namespace fracas::controller
