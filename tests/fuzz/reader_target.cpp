// Any bytes, read as one format: no crash, no hang, a refusal that says where, and a history that is accepted keeps the
// promises of history.h.
#include "checker/fitting_models.h"
#include "checker/readers/node_events.h"
#include "checker/readers/reading.h"
#include "lib/base/ensure.h"
#include "tests/fuzz/targets.h"

namespace fracas::fuzz {
namespace {

using namespace fracas::checker;

void check_operation(const History& history, const Operation& each) {
  ensure(each.process < history.processes.size(), "the process is known");
  ensure(each.node == kNone || each.node < history.nodes.size(), "the node is known");
  ensure((each.return_ns == kNever) == (each.outcome == Outcome::info), "what is unknown never returns");
  ensure(each.invoke_ns <= each.return_ns, "nothing returns before it is invoked");
  ensure(each.invoke < history.events, "the invocation is an event");
  ensure(each.completion == kNone || (each.completion >= each.invoke && each.completion < history.events),
         "the completion is an event");
  ensure(!history.functions.name(each.function).empty(), "the function has a name");
  for (const Value value : {each.key, each.argument, each.result})
    ensure(!history.describe(value).empty(), "every value can be told");
}

void check_history(const History& history) {
  std::uint32_t invoke = 0;
  for (const Operation& each : history.operations) {
    check_operation(history, each);
    ensure(each.invoke >= invoke, "operations are in the order of their invocations");
    invoke = each.invoke;
  }
}

void check_nodes(const Text& text, Format format) {
  const auto nodes = read_nodes(text, format);
  if (!nodes) return ensure(nodes.error().message.starts_with("input:"), "a refusal says where");
  for (const auto& events : *nodes)
    for (std::size_t i = 0; i < events.size(); ++i) {
      ensure(events[i].node == events[0].node, "a list is of one node");
      ensure(i == 0 || events[i - 1].time_ns < events[i].time_ns, "events are in the order of time");
    }
}

}  // namespace

void read_bytes(std::string_view format, std::span<const std::uint8_t> bytes) {
  const std::uint8_t choice = bytes.empty() ? std::uint8_t{0} : bytes[0];
  ReadOptions options;
  options.keyed_values = (choice & 1U) != 0;
  options.completions_only = (choice & 2U) != 0;
  const std::string_view text =
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).substr(bytes.empty() ? 0 : 1);
  if (const auto found = recognize(text)) ensure(!name(*found).empty(), "what is recognized has a name");
  const Format chosen = *find_format(format);
  if (tells_of_nodes(chosen)) return check_nodes({"input", text}, (choice & 1U) != 0 ? Format::node_events : chosen);
  auto reading = read_history({"input", text}, chosen, options);
  if (!reading) {
    ensure(reading.error().message.starts_with("input:"), "a refusal says where");
    return;
  }
  check_history(reading->history);
  fitting_models(reading->history);
}

}  // namespace fracas::fuzz
