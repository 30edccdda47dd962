#include "checker/structures/siblings.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <limits>
#include <vector>

namespace fracas::checker {
namespace {

struct Written {
  std::uint32_t write = kNone;
  std::uint32_t replaced_by = kNone;         // any write that had seen it
  std::uint32_t surely_replaced_by = kNone;  // an acknowledged one
  std::uint32_t last_shown_by = kNone;       // of the last reads
};

class Siblings {
 public:
  explicit Siblings(const History& history) : history_(history) {}

  Result<void> note(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    if (operation.function != Function::read && operation.function != Function::write)
      return failure(fmt::format("event {}: {} is not a function of this model (read, write)", operation.invoke + 1,
                                 history_.functions.name(operation.function)));
    if (operation.outcome == Outcome::fail) return {};
    if (operation.function == Function::write) {
      writes_.push_back(index);
      const bool fresh = written_.try_emplace(operation.argument, Written{index}).second;
      repeated_ = repeated_ || !fresh;
      if (operation.outcome == Outcome::ok) settled_ns_ = std::max(settled_ns_, operation.return_ns);
    } else if (operation.outcome == Outcome::ok) {
      reads_.push_back(index);
    }
    return {};
  }

  Decision decide(bool converged) {
    if (repeated_) return Decision::give_up("a value was written more than once");
    for (const std::uint32_t read : reads_) look(read);
    find_replaced();
    for (const std::uint32_t write : writes_) judge(write);
    if (converged) compare_last_reads();
    if (last_reads_.empty() && decision_.answer == Linearizable::yes)
      decision_ = Decision::give_up("nobody read after the last acknowledged write");
    decision_.counts = {{"acknowledged", acknowledged_},
                        {"lost", lost_},
                        {"resurrected", resurrected_},
                        {"diverged", diverged_},
                        {"last_reads", static_cast<double>(last_reads_.size())}};
    return std::move(decision_);
  }

 private:
  const Operation& operation(std::uint32_t index) const { return history_.operations[index]; }
  std::string text(Value value) const { return history_.describe(value); }

  std::vector<Value> seen(std::uint32_t read) const {
    const Value result = operation(read).result;
    if (result.is_nil()) return {};
    if (!result.is(Value::Kind::list)) return {result};
    const auto elements = history_.values.elements_of(result);
    std::vector<Value> sorted(elements.begin(), elements.end());
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

  void refuse(std::string sentence, std::vector<std::uint32_t> proof) {
    if (decision_.answer == Linearizable::no) return;
    std::erase(proof, kNone);
    decision_ = Decision::refuse(std::move(sentence), std::move(proof));
  }

  void look(std::uint32_t read) {
    const bool last = operation(read).invoke_ns > settled_ns_;
    if (last) last_reads_.push_back(read);
    for (const Value value : seen(read)) {
      const auto found = written_.find(value);
      if (found == written_.end())
        refuse(fmt::format("a read saw {}, which nothing wrote", text(value)), {read});
      else if (last)
        found->second.last_shown_by = read;
    }
  }

  // Operations are by invocation, so the last read of a process before its write is the one met last.
  void find_replaced() {
    std::vector<std::uint32_t> both = reads_;
    both.insert(both.end(), writes_.begin(), writes_.end());
    std::sort(both.begin(), both.end());
    boost::unordered_flat_map<std::uint32_t, std::uint32_t> context;  // by process: its last read
    for (const std::uint32_t index : both) {
      if (operation(index).function == Function::read) {
        context[operation(index).process] = index;
        continue;
      }
      const auto read = context.find(operation(index).process);
      if (read == context.end()) continue;
      for (const Value value : seen(read->second)) {
        const auto found = written_.find(value);
        if (found == written_.end()) continue;
        found->second.replaced_by = index;
        if (operation(index).outcome == Outcome::ok) found->second.surely_replaced_by = index;
      }
    }
  }

  void judge(std::uint32_t write) {
    const Value value = operation(write).argument;
    const Written& written = written_.find(value)->second;
    if (written.surely_replaced_by != kNone && written.last_shown_by != kNone) {
      ++resurrected_;
      refuse(fmt::format("{} is back, though a write that had seen it replaced it", text(value)),
             {write, written.surely_replaced_by, written.last_shown_by});
    }
    if (operation(write).outcome != Outcome::ok) return;
    ++acknowledged_;
    if (written.last_shown_by != kNone || written.replaced_by != kNone || last_reads_.empty()) return;
    ++lost_;
    refuse(fmt::format("{} was acknowledged and nothing replaced it, but it is gone", text(value)),
           {write, last_reads_.back()});
  }

  void compare_last_reads() {
    for (std::size_t i = 1; i < last_reads_.size(); ++i) {
      if (seen(last_reads_[i]) == seen(last_reads_[i - 1])) continue;
      if (diverged_++ > 0) continue;
      refuse("after the last write, two reads saw different siblings", {last_reads_[i - 1], last_reads_[i]});
    }
  }

  const History& history_;
  boost::unordered_flat_map<Value, Written, std::hash<Value>> written_;
  std::vector<std::uint32_t> writes_, reads_, last_reads_;  // by invocation
  std::int64_t settled_ns_ = std::numeric_limits<std::int64_t>::min();
  bool repeated_ = false;
  double acknowledged_ = 0, lost_ = 0, resurrected_ = 0, diverged_ = 0;
  Decision decision_;
};

}  // namespace

Result<Decision> decide_siblings(const History& history, std::span<const std::uint32_t> operations, bool converged) {
  Siblings siblings(history);
  for (const std::uint32_t index : operations)
    if (auto noted = siblings.note(index); !noted) return failure(std::move(noted).error());
  return siblings.decide(converged);
}

}  // namespace fracas::checker
