#include "checker/explain/list_violation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "checker/explain/text.h"

namespace fracas::checker {
namespace {

using Elements = std::vector<std::int64_t>;

const Elements& elements_of(const ShownOperation& read) {
  static const Elements kEmpty;
  const auto* list = std::get_if<Elements>(&read.result);
  return list ? *list : kEmpty;
}

std::string read_text(const ShownOperation& read) {
  return fmt::format("{} read {}{}", read.client, describe_value(read.result), describe_node(read));
}

// The element of the read that is there more often than it was appended.
std::int64_t surplus_element(const PairedOperations& operations, const std::vector<std::uint32_t>& key,
                             const ShownOperation& read) {
  std::map<std::int64_t, std::int64_t> left;
  for (const std::uint32_t index : key)
    if (operations.all[index].function == model::Function::append)
      ++left[std::get<std::int64_t>(operations.argument(operations.all[index]))];
  const Elements& list = elements_of(read);
  const auto found = std::find_if(list.begin(), list.end(), [&](std::int64_t element) { return left[element]-- <= 0; });
  return found == list.end() ? 0 : *found;
}

std::string earlier(const ShownOperation& first, const ShownOperation& second) {
  return describe_span(second.invoke_ns - first.return_ns);
}

}  // namespace

std::string classify_lists(const PairedOperations& operations, const std::vector<std::uint32_t>& key,
                           const Finding& finding) {
  const std::string name(operations.keys[operations.all[key.front()].key]);
  const auto it = [&](std::size_t i) { return show(operations, operations.all[finding.evidence.at(i)]); };
  switch (finding.pattern) {
    case Pattern::phantom_read:
      return fmt::format("phantom element: key {}: {}, but nobody appended {}", name, read_text(it(0)),
                         surplus_element(operations, key, it(0)));
    case Pattern::duplicate_element:
      return fmt::format("duplicate element: key {}: {} with {} more often than it was appended ({}'s {})", name,
                         read_text(it(0)), surplus_element(operations, key, it(0)), it(1).client,
                         describe_operation(it(1)));
    case Pattern::incompatible_reads:
      return fmt::format("lists disagree: key {}: {} and {}, and neither continues the other", name, read_text(it(0)),
                         read_text(it(1)));
    case Pattern::lost_append:
      return fmt::format("lost append: key {}: {} although {}'s {} had been acknowledged {} earlier", name,
                         read_text(it(1)), it(0).client, describe_operation(it(0)), earlier(it(0), it(1)));
    case Pattern::shrinking_read:
      return fmt::format("list shrank: key {}: {} although {} {} earlier", name, read_text(it(1)), read_text(it(0)),
                         earlier(it(0), it(1)));
    case Pattern::future_read:
      return fmt::format("future read: key {}: {}, {} before {} invoked its {}", name, read_text(it(0)),
                         earlier(it(0), it(1)), it(1).client, describe_operation(it(1)));
    case Pattern::append_order:
      return fmt::format("appends swapped: key {}: {}, although {}'s {} was acknowledged {} before {} invoked its {}",
                         name, read_text(it(2)), it(0).client, describe_operation(it(0)), earlier(it(0), it(1)),
                         it(1).client, describe_operation(it(1)));
    default:
      break;
  }
  return fmt::format("key {}: no order of its operations up to {:.6f} s explains what its reads returned", name,
                     static_cast<double>(finding.failed_at_ns - operations.events.front().time_ns) / 1e9);
}

}  // namespace fracas::checker
