#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "checker/catalogue.h"
#include "checker/history/history_builder.h"
#include "checker/streaming/stream.h"
#include "lib/base/ensure.h"
#include "tests/fuzz/reference.h"
#include "tests/fuzz/targets.h"

namespace fracas::fuzz {
namespace {

using namespace fracas::checker;

constexpr std::size_t kOperationsMax = 7;
constexpr std::size_t kClients = 4;

// Turns each byte into the next event of one of four clients: an invocation where it has none open, else its end.
class Script {
 public:
  explicit Script(const Reference& reference) : reference_(reference) {}

  History history(std::span<const std::uint8_t> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) step(bytes[i], static_cast<std::int64_t>(i));
    return std::move(builder_).finish();
  }
  const std::vector<EventRow>& rows() const { return rows_; }  // of that history

 private:
  struct Client {
    const Question* question = nullptr;
    Value argument;
  };

  void step(std::uint8_t byte, std::int64_t now) {
    const std::size_t number = byte % kClients;
    const unsigned choice = byte / kClients;
    EventRow row;
    row.process = builder_.process(std::string(1, static_cast<char>('a' + number)));
    row.time_ns = now / 2;  // equal times happen
    if (!builder_.has_open(row.process)) {
      if (invoked_++ >= kOperationsMax) return;
      invoke(row, clients_[number], choice);
    } else {
      complete(row, clients_[number], choice);
    }
    rows_.push_back(row);
    ensure(builder_.add(row).has_value(), "the script keeps the rules of histories");
  }

  void invoke(EventRow& row, Client& client, unsigned choice) {
    const auto& questions = reference_.questions;
    client.question = &questions[choice % questions.size()];
    client.argument = value(client.question->argument, choice / static_cast<unsigned>(questions.size()));
    row.function = *builder_.functions().intern(client.question->function);
    row.value = client.argument;
  }

  void complete(EventRow& row, const Client& client, unsigned choice) {
    constexpr std::array kEnds{model::EventType::ok, model::EventType::ok, model::EventType::fail,
                               model::EventType::info};
    row.type = kEnds[choice % kEnds.size()];
    row.function = *builder_.functions().intern(client.question->function);
    // What was asked for comes back with the answer; only what asks for nothing is told something new.
    row.value =
        client.question->argument == Shape::nothing ? value(client.question->answer, choice / 4) : client.argument;
    row.mismatch = row.type == model::EventType::fail && says_mismatch(row.function, {});
  }

  static Value small(unsigned choice) { return choice % 4 == 0 ? Value{} : Value::of(std::int64_t{choice % 4}); }

  Value value(Shape shape, unsigned choice) {
    Values& values = builder_.values();
    const std::array pair{small(choice), small(choice / 4)};
    constexpr std::string_view kLetters = "abab";
    switch (shape) {
      case Shape::value:
        return small(choice + 1);
      case Shape::pair:
        return values.list(pair);
      case Shape::letter:
        return choice == 7 ? Value{} : values.text(kLetters.substr(choice % 2, 1 + choice / 2 % 3));
      case Shape::list:
        return values.list(std::span(pair).first(choice % 3));
      case Shape::nothing:
        return {};
    }
    return {};
  }

  const Reference& reference_;
  HistoryBuilder builder_;
  std::array<Client, kClients> clients_;
  std::size_t invoked_ = 0;
  std::vector<EventRow> rows_;
};

// Says on stderr what was judged, where that was wrong.
void show(const History& history, const Reference& reference, const CheckResult& result, bool fits) {
  fmt::print(stderr, "{} as {}, but {}:\n", name(result.verdict), reference.model,
             fits ? "some order is possible" : "no order is possible");
  for (const Operation& each : history.operations)
    fmt::print(stderr, "{} {} {} {} -> {} [{}, {}] {}\n", history.processes[each.process], history.describe(each.key),
               history.functions.name(each.function), history.describe(each.argument), history.describe(each.result),
               each.invoke_ns, each.return_ns, static_cast<int>(each.outcome));
}

// The operations of the proof, alone, stay impossible.
void check_proof(const History& history, const Reference& reference, bool mismatch, const CheckResult& result) {
  ensure(result.counterexample.has_value(), "a violation has a proof");
  const auto& shown = result.counterexample->operations;
  ensure(!shown.empty(), "the proof has operations");
  ensure(!result.summary.empty(), "the proof is told in words");
  const auto is_shown = [&](const Operation& each) {
    return std::any_of(shown.begin(), shown.end(), [&](const ShownOperation& other) {
      return other.invoke_ns == each.invoke_ns && other.client == history.processes[each.process];
    });
  };
  const bool possible = some_order_fits(history, reference, mismatch, is_shown);
  if (possible) show(history, reference, result, false);
  ensure(!possible, "the proof is impossible by itself");
}

// The order that a check gives for what it accepts explains it.
void check_witness(const History& history, const Reference& reference, bool mismatch, const CheckResult& result) {
  for (const Witness& witness : result.witnesses) {
    const std::string wrong = refute_order(history, reference, mismatch, witness.invocations);
    if (!wrong.empty()) show(history, reference, result, true);
    ensure(wrong.empty(), wrong);
  }
}

// A register that is followed event by event has the verdict of the whole.
void check_stream(const History& history, const std::vector<EventRow>& rows, StreamOptions options, bool fits) {
  Stream stream(std::move(options));
  for (const EventRow& row : rows) {
    const auto added = stream.add({row.time_ns,
                                   row.type,
                                   row.function,
                                   history.processes[row.process],
                                   {},
                                   stream.values().adopt(history.values, row.value),
                                   row.mismatch});
    ensure(added.has_value(), "a stream takes what a history takes");
    if (row.process == 0) stream.catch_up();
  }
  stream.finish();
  ensure(stream.verdict() == (fits ? Verdict::pass : Verdict::violated), "a stream has the verdict of the whole");
}

}  // namespace

void search_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  static const std::vector<Reference> all = references();
  const Reference& reference = all[bytes[0] % all.size()];
  Script script(reference);
  const History history = script.history(bytes.subspan(1));
  if (history.operations.empty()) return;
  const auto model = find_model(reference.model);
  ensure(model.has_value(), "the catalogue has the model");
  for (const FailMeans fail : {FailMeans::did_not_happen, FailMeans::mismatch}) {
    if (fail == FailMeans::mismatch && reference.model != "cas-register") break;  // the others have no conditions
    Request request;
    request.fail = fail;
    request.budget.threads = 1;
    request.budget.witness = true;
    const auto result = check(history, **model, request);
    if (!result) return;  // an argument that the model refuses, such as nil in a text
    const bool mismatch = fail == FailMeans::mismatch;
    const bool fits = some_order_fits(history, reference, mismatch);
    if (result->verdict != (fits ? Verdict::pass : Verdict::violated)) show(history, reference, *result, fits);
    ensure(result->verdict == (fits ? Verdict::pass : Verdict::violated), "the verdict is that of every order");
    if (reference.model.ends_with("register"))
      check_stream(history, script.rows(),
                   {.cas = reference.model == "cas-register", .fail = fail, .stretch = 1 + bytes.size() % 4}, fits);
    if (fits)
      check_witness(history, reference, mismatch, *result);
    else
      check_proof(history, reference, mismatch, *result);
  }
}

}  // namespace fracas::fuzz
