#include "checker/isolation/bank.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "checker/explain/fault_context.h"
#include "checker/explain/text.h"

namespace fracas::checker::isolation {
namespace {

struct Rules {
  std::optional<std::int64_t> total;  // nothing: what the first read shows
  bool negative = false;
};

Result<Rules> rules_of(const Request& request) {
  Rules rules;
  if (const auto text = request.parameter("total")) {
    std::int64_t total = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), total);
    if (error != std::errc{} || end != text->data() + text->size())
      return failure(fmt::format("total is an integer, not \"{}\"", *text));
    rules.total = total;
  }
  if (const auto text = request.parameter("negative")) {
    if (*text != "true" && *text != "false")
      return failure(fmt::format("negative is true or false, not \"{}\"", *text));
    rules.negative = *text == "true";
  }
  return rules;
}

struct Balances {
  std::int64_t total = 0, least = 0;
};

std::optional<Balances> balances_of(const History& history, Value read) {
  if (!read.is(Value::Kind::map)) return std::nullopt;
  Balances found;
  const auto all = history.values.elements_of(read);
  for (std::size_t i = 1; i < all.size(); i += 2) {
    if (!all[i].is(Value::Kind::integer)) return std::nullopt;
    found.total += all[i].integer();
    found.least = std::min(found.least, all[i].integer());
  }
  return found;
}

void show_violation(CheckResult& result, const History& history, const Operation& read, const Request& request) {
  Counterexample example;
  example.sentence = result.summary;
  example.operations = {show(history, read)};
  example.run_start_ns = history.start_ns;
  example.moment_ns = read.return_ns;
  const FaultContext context = place_among_faults(request.faults, read.invoke_ns, read.return_ns);
  example.fault_windows = context.ids;
  example.fault_sentence = context.sentence;
  if (!context.sentence.empty()) result.details.push_back(context.sentence);
  result.details.push_back(
      fmt::format("process {} read {}", history.processes[read.process], history.describe(read.result)));
  result.counterexample = std::move(example);
}

Result<CheckResult> check_bank(const History& history, const Request& request) {
  const auto rules = rules_of(request);
  if (!rules) return failure(rules.error());
  CheckResult result;
  result.kind = "bank";
  std::optional<std::int64_t> total = rules->total;
  double reads = 0, wrong_total = 0, negative = 0;
  for (const Operation& operation : history.operations) {
    if (operation.function != Function::read && operation.function != Function::transfer)
      return failure(fmt::format("event {}: a bank has read and transfer, not \"{}\"", operation.invoke + 1,
                                 history.functions.name(operation.function)));
    if (operation.function != Function::read || operation.outcome != Outcome::ok) continue;
    const auto balances = balances_of(history, operation.result);
    if (!balances)
      return failure(
          fmt::format("event {}: a read answers with a map from accounts to whole balances", operation.completion + 1));
    ++reads;
    if (!total) total = balances->total;
    const bool below = balances->least < 0 && !rules->negative;
    wrong_total += balances->total != *total ? 1 : 0;
    negative += below ? 1 : 0;
    if ((balances->total == *total && !below) || result.verdict == Verdict::violated) continue;
    result.verdict = Verdict::violated;
    result.summary = balances->total != *total
                         ? fmt::format("a read shows {} in all accounts together, not {}", balances->total, *total)
                         : fmt::format("a read shows a balance of {}", balances->least);
    show_violation(result, history, operation, request);
  }
  result.numbers = {{"reads", reads}, {"reads_of_another_total", wrong_total}, {"reads_below_zero", negative}};
  result.details.push_back(fmt::format("{} of {} reads show another total, {} a balance below zero{}", wrong_total,
                                       reads, negative, rules->total ? "" : "; the first read gives the total"));
  if (result.verdict == Verdict::violated) return result;
  result.summary = fmt::format("all {} reads show {} in all accounts together", reads, total.value_or(0));
  if (reads == 0) {
    result.verdict = Verdict::undecided;
    result.summary = "undecided: no read was answered";
  }
  return result;
}

}  // namespace

const ModelKind kBank{"bank",
                      "accounts whose total transfers keep: read (answers with a map of all balances), transfer",
                      {"total"},
                      {{"total", "what all accounts hold together", "what the first read shows"},
                       {"negative", "true: balances may be below zero", "false"}},
                      check_bank};

}  // namespace fracas::checker::isolation
