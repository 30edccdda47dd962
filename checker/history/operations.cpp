#include "checker/history/operations.h"

#include <fmt/format.h>

#include <unordered_map>

namespace fracas::checker {
namespace {

using model::Event;
using model::EventType;

// Gives each distinct text a number, in the order of first use.
class Interner {
 public:
  explicit Interner(std::vector<std::string_view>& names) : names_(names) {}

  std::uint32_t operator()(std::string_view name) {
    const auto [found, fresh] = ids_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
    if (fresh) names_.push_back(name);
    return found->second;
  }

 private:
  std::vector<std::string_view>& names_;
  std::unordered_map<std::string_view, std::uint32_t> ids_;
};

Outcome outcome_of(EventType type) {
  if (type == EventType::ok) return Outcome::ok;
  return type == EventType::fail ? Outcome::fail : Outcome::info;
}

// Why this completion does not belong to this invocation; empty when it does.
std::string mismatch(const Event& invoke, const Event& completion) {
  if (invoke.function != completion.function)
    return fmt::format("process {} completes a {} but has a {} open", completion.process,
                       model::name(completion.function), model::name(invoke.function));
  if (invoke.key != completion.key)
    return fmt::format("process {} completes an operation on key \"{}\" but has one on key \"{}\" open",
                       completion.process, completion.key, invoke.key);
  return {};
}

}  // namespace

std::string_view PairedOperations::node(const PairedOperation& operation) const {
  if (operation.completion != kNone && !events[operation.completion].node.empty())
    return events[operation.completion].node;
  return events[operation.invoke].node;
}

Result<PairedOperations> pair_events(std::span<const Event> events) {
  if (events.size() >= kNone) return failure("the history has more than 4294967294 events");
  PairedOperations operations{events, {}, {}, {}};
  operations.all.reserve(events.size() / 2 + 1);
  Interner client_id(operations.clients), key_id(operations.keys);
  std::vector<std::uint32_t> open;  // by client: its open operation, or kNone
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    const auto error = [&](std::string what) { return failure(fmt::format("event {}: {}", i + 1, what)); };
    if (i > 0 && event.time_ns < events[i - 1].time_ns)
      return error(
          fmt::format("its time {} is before the {} of the event before it", event.time_ns, events[i - 1].time_ns));
    const std::uint32_t client = client_id(event.process);
    open.resize(operations.clients.size(), kNone);
    if (event.type == EventType::invoke) {
      if (open[client] != kNone)
        return error(fmt::format("process {} invokes a second operation while its {} of event {} is open",
                                 event.process, model::name(operations.all[open[client]].function),
                                 operations.all[open[client]].invoke + 1));
      open[client] = static_cast<std::uint32_t>(operations.all.size());
      operations.all.push_back(
          {event.time_ns, kNever, i, kNone, client, key_id(event.key), event.function, Outcome::info});
      continue;
    }
    if (open[client] == kNone)
      return error(fmt::format("process {} has \"{}\" without an invocation", event.process, model::name(event.type)));
    PairedOperation& operation = operations.all[open[client]];
    if (const auto why = mismatch(events[operation.invoke], event); !why.empty()) return error(why);
    operation.completion = i;
    operation.outcome = outcome_of(event.type);
    if (operation.outcome != Outcome::info) operation.return_ns = event.time_ns;
    open[client] = kNone;
  }
  return operations;
}

std::vector<std::vector<std::uint32_t>> split_by_key(const PairedOperations& operations) {
  std::vector<std::vector<std::uint32_t>> by_key(operations.keys.size());
  for (std::uint32_t i = 0; i < operations.all.size(); ++i)
    if (operations.all[i].outcome != Outcome::fail) by_key[operations.all[i].key].push_back(i);
  return by_key;
}

}  // namespace fracas::checker
