#include "controller/workload/transactions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace fracas::controller {
namespace {

constexpr std::uint64_t kAmountMax = 5;

std::string read_of(std::uint32_t key) {
  return fmt::format("[\"r\",{},null]", key);
}

Call transaction(const std::vector<std::string>& operations) {
  return {.function = model::Function::txn,
          .key = {},
          .value = model::Json{fmt::format("[{}]", fmt::join(operations, ","))}};
}

}  // namespace

Transactions::Transactions(const GeneratorOptions& options, std::uint64_t seed)
    : options_(options), random_(seed, "workload/calls"), keys_(options.keys, options.ops_per_key_max) {}

Call Transactions::next() {
  const char* const change = options_.kind == WorkloadKind::txn_append ? "append" : "w";
  std::vector<std::string> operations;
  for (std::uint64_t left = 1 + random_.below(options_.txn_length_max); left > 0; --left) {
    ActiveKeys::Key& key = keys_.use(static_cast<std::size_t>(random_.below(keys_.size())));
    operations.push_back(random_.chance(options_.reads)
                             ? read_of(key.number)
                             : fmt::format("[\"{}\",{},{}]", change, key.number, ++key.last_value));
  }
  return transaction(operations);
}

std::vector<Call> Transactions::final_calls() const {
  std::vector<std::string> operations;
  for (const ActiveKeys::Key& key : keys_.in_use())
    if (key.operations > 0) operations.push_back(read_of(key.number));
  if (operations.empty()) return {};
  return {transaction(operations)};
}

Transfers::Transfers(const GeneratorOptions& options, std::uint64_t seed)
    : options_(options), random_(seed, "workload/calls") {}

Call Transfers::next() {
  if (options_.keys < 2 || random_.chance(options_.reads))
    return {.function = model::Function::read, .key = {}, .value = {}};
  const std::uint64_t from = random_.below(options_.keys);
  const std::uint64_t to = (from + 1 + random_.below(options_.keys - 1)) % options_.keys;
  return {.function = model::Function::transfer,
          .key = {},
          .value = model::Json{
              fmt::format(R"({{"from":{},"to":{},"amount":{}}})", from, to, 1 + random_.below(kAmountMax))}};
}

std::vector<Call> Transfers::final_calls() const {
  return {{.function = model::Function::read, .key = {}, .value = {}}};
}

}  // namespace fracas::controller
