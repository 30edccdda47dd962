#include "checker/weak/decide.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/weak/guarantees.h"
#include "checker/weak/one_order.h"
#include "lib/base/ensure.h"

namespace fracas::checker::weak {
namespace {

constexpr const char* kTooLarge = "what came before each operation needs more memory than allowed";

LevelDecision undecided(const Budget& budget) {
  LevelDecision decision;
  decision.answer = Linearizable::unknown;
  decision.reason = budget.give_up && budget.give_up() ? "the time allowed was over" : kTooLarge;
  return decision;
}

LevelDecision from_breach(Breach breach) {
  LevelDecision decision;
  if (breach.too_large) return undecided({});
  if (breach.accesses.empty()) return decision;
  decision.answer = Linearizable::no;
  decision.sentence = std::move(breach.sentence);
  decision.accesses = std::move(breach.accesses);
  return decision;
}

// What a circle of what follows from what says: a read that is older than its own past, in most cases.
std::string describe_causal_circle(const History& history, const Memory& memory, const std::vector<Link>& circle) {
  const auto text = [&](std::uint32_t access) { return describe_access(history, memory.all[access]); };
  for (const Link& link : circle) {
    if (link.why == Why::overwritten)
      return fmt::format("{} misses {}, which it follows from", text(link.reader), text(link.from));
    if (link.why == Why::replaced)
      return fmt::format("{} misses {}, which it follows from", text(link.from), text(link.to));
  }
  return fmt::format("{} follows from what was only possible after it", text(circle.front().to));
}

LevelDecision refuse(const View& view, std::string sentence) {
  LevelDecision decision;
  decision.answer = Linearizable::no;
  decision.sentence = std::move(sentence);
  decision.accesses = view.support();
  decision.circle = view.circle();
  return decision;
}

LevelDecision decide_causal(const History& history, const Memory& memory, const Writers& writers, bool convergence,
                            const Budget& budget) {
  View view(memory, writers, {.newest = !convergence, .again = false});
  const Linearizable answer = view.decide(budget);
  if (answer == Linearizable::unknown) return undecided(budget);
  if (answer == Linearizable::yes) return {};
  if (!convergence) return refuse(view, describe_causal_circle(history, memory, view.circle()));
  return refuse(view, "the orders in which these writes were seen form a circle: no one order of them fits all");
}

// A process whose reads no order of the writes explains.
LevelDecision decide_each_view(const History& history, const Memory& memory, const Writers& writers, bool causal,
                               const Budget& budget) {
  std::vector<std::uint32_t> reader(memory.processes, kNone);  // some read of each
  for (std::uint32_t i = 0; i < memory.all.size(); ++i)
    if (!memory.all[i].write) reader[memory.all[i].process] = i;
  for (std::uint32_t process = 0; process < memory.processes; ++process) {
    if (reader[process] == kNone) continue;
    View view(memory, writers, {.viewer = process, .others_read = causal});
    const Linearizable answer = view.decide(budget);
    if (answer == Linearizable::unknown) return undecided(budget);
    if (answer == Linearizable::yes) continue;
    const Operation& operation = history.operations[memory.all[reader[process]].operation];
    return refuse(view, fmt::format("no order in which {} can have seen the writes explains its reads",
                                    history.processes[operation.process]));
  }
  return {};
}

LevelDecision decide_sequential(const History& history, const Memory& memory, const Writers& writers,
                                const Budget& budget) {
  View view(memory, writers, {.single = true});
  const Linearizable answer = view.decide(budget);
  if (answer == Linearizable::unknown) return undecided(budget);
  const char* sentence = "no one order that keeps each client's own explains these reads";
  if (answer == Linearizable::no) return refuse(view, sentence);
  OneOrder found = find_one_order(history, memory, view, budget);
  LevelDecision decision;
  decision.answer = found.answer;
  decision.order = std::move(found.order);
  decision.explored = found.explored;
  if (found.answer == Linearizable::no) decision.sentence = sentence;
  if (found.answer == Linearizable::unknown)
    decision.reason = fmt::format("no order was found among {} configurations", found.explored);
  return decision;
}

}  // namespace

LevelDecision decide(const History& history, const Memory& memory, Level level, const Budget& budget) {
  const Writers writers(memory);
  switch (level) {
    case Level::read_your_writes:
      return from_breach(find_unread_own_write(history, memory));
    case Level::monotonic_reads:
      return from_breach(find_read_going_back(history, memory));
    case Level::monotonic_writes:
      return from_breach(find_write_out_of_order(history, memory, writers));
    case Level::writes_follow_reads:
      return from_breach(find_write_before_its_reads(history, memory, budget.bytes_per_key));
    case Level::pram:
      return decide_each_view(history, memory, writers, false, budget);
    case Level::weak_causal:
      return decide_causal(history, memory, writers, false, budget);
    case Level::causal_convergence:
      return decide_causal(history, memory, writers, true, budget);
    case Level::causal_memory:
      return decide_each_view(history, memory, writers, true, budget);
    case Level::sequential:
      return decide_sequential(history, memory, writers, budget);
    case Level::linearizable:
      break;
  }
  ensure(false, "linearizability is decided key by key");
  return {};
}

}  // namespace fracas::checker::weak
