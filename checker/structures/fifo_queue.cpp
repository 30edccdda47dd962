#include "checker/structures/fifo_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "checker/linearizability/nearly_sorted.h"
#include "checker/structures/open_union.h"

namespace fracas::checker {
namespace {

using Values = LargeVector<const Lifetime*>;

class FifoQueue {
 public:
  FifoQueue(const History& history, const Lifetimes& lifetimes) : history_(history), all_(lifetimes) {
    taken_.reserve(all_.values.size());
    for (const Lifetime& life : all_.values) (life.taken() ? taken_ : stayed_).push_back(&life);
    sort_nearly_sorted(taken_, [](auto* a, auto* b) { return a->put.from < b->put.from; });
  }

  Decision decide() {
    if (auto wrong = overtaken()) return *wrong;
    find_deadlines();
    if (!enough_takes()) return too_few_takes();
    return all_.empty.empty() ? Decision{} : decide_empty();
  }

 private:
  // A taken value that went in surely later than another taken one and came out surely earlier.
  std::optional<Decision> overtaken() {
    Values by_put_end = taken_;
    sort_nearly_sorted(by_put_end, [](auto* a, auto* b) { return a->put.to < b->put.to; });
    const Lifetime* last = nullptr;  // of those that went in before: whose take began last
    auto next = by_put_end.begin();
    for (const Lifetime* late : taken_) {
      for (; next != by_put_end.end() && (*next)->put.to < late->put.from; ++next)
        if (last == nullptr || (*next)->take.from > last->take.from) last = *next;
      if (last != nullptr && late->take.to < last->take.from)
        return Decision::refuse(fmt::format("{} went in before {} but came out after it", text(*last), text(*late)),
                                {last->put_operation, last->take_operation, late->put_operation, late->take_operation});
    }
    return std::nullopt;
  }

  // By when each value that stayed must be out, because one that went in after it surely is.
  void find_deadlines() {
    if (stayed_.empty()) return;
    Values first_out(taken_.size());  // among those from here on
    for (std::size_t i = taken_.size(); i-- > 0;)
      first_out[i] =
          i + 1 < first_out.size() && first_out[i + 1]->take.to < taken_[i]->take.to ? first_out[i + 1] : taken_[i];
    for (const Lifetime* life : stayed_) {
      const auto after = std::upper_bound(taken_.begin(), taken_.end(), life->put.to,
                                          [](std::int64_t at, auto* other) { return at < other->put.from; });
      const auto i = static_cast<std::size_t>(after - taken_.begin());
      because_.push_back(i < first_out.size() ? first_out[i] : nullptr);
      deadlines_.push_back(because_.back() == nullptr ? kNever : because_.back()->take.to);
    }
  }

  // Can every value with a deadline be paired with a take of its own that had begun by then?
  bool enough_takes() {
    std::vector<std::int64_t> due;
    for (const std::int64_t deadline : deadlines_)
      if (deadline != kNever) due.push_back(deadline);
    std::sort(due.begin(), due.end());
    for (std::size_t i = 0; i < due.size(); ++i)
      if (i >= all_.unknown.size() || all_.unknown[i].at.from > due[i]) {
        failed_by_ = due[i];
        return false;
      }
    return true;
  }

  Decision too_few_takes() const {
    std::vector<std::uint32_t> proof;
    std::size_t values = 0, takes = 0;
    const Lifetime* example = nullptr;
    const Lifetime* after = nullptr;
    for (std::size_t i = 0; i < stayed_.size(); ++i) {
      if (deadlines_[i] > failed_by_) continue;
      ++values;
      example = stayed_[i];
      after = because_[i];
      proof.insert(proof.end(), {example->put_operation, after->put_operation, after->take_operation});
    }
    for (const OtherTake& take : all_.unknown)
      if (take.at.from <= failed_by_) {
        proof.push_back(take.operation);
        ++takes;
      }
    std::sort(proof.begin(), proof.end());
    proof.erase(std::unique(proof.begin(), proof.end()), proof.end());
    std::string first =
        fmt::format("{} went in before {}, which came out, but it never did", text(*example), text(*after));
    if (takes == 0)
      return Decision::refuse(std::move(first), {example->put_operation, after->put_operation, after->take_operation});
    return Decision::refuse(fmt::format("{}; so did {} values in all, and only {} unanswered operations can have "
                                        "taken one",
                                        first, values, takes),
                            std::move(proof));
  }

  // With the values that stayed leaving at `stayed_until`.
  OpenUnion holds_something(std::int64_t stayed_until) const {
    LargeVector<OpenInterval> intervals;
    intervals.reserve(all_.values.size());
    for (const Lifetime* life : taken_) intervals.push_back({life->put.to, life->take.from});
    for (const Lifetime* life : stayed_) intervals.push_back({life->put.to, stayed_until});
    return OpenUnion(std::move(intervals));
  }

  Decision decide_empty() {
    const OpenUnion full = holds_something(all_.unknown.empty() ? kNever : all_.unknown.front().at.from);
    for (const OtherTake& take : all_.empty)
      if (full.first_free(take.at.from) > take.at.to) return not_empty(take);
    if (all_.unknown.empty() || stayed_.empty()) return {};
    const std::vector<std::int64_t> ordered = deadlines_;
    for (const bool early : {true, false}) {
      deadlines_ = ordered;
      tighten(full, early);
      if (enough_takes()) return {};
    }
    return Decision::give_up("an empty take, values that stayed and takes without an answer leave too many ways");
  }

  // Chooses a moment for every empty take, and has the values that went in before it out by then.
  void tighten(const OpenUnion& full, bool early) {
    std::vector<std::int64_t> moments;
    for (const OtherTake& take : all_.empty)
      moments.push_back(early ? full.first_free(take.at.from) : full.last_free(take.at.to));
    std::sort(moments.begin(), moments.end());
    for (std::size_t i = 0; i < stayed_.size(); ++i) {
      const auto first = std::upper_bound(moments.begin(), moments.end(), stayed_[i]->put.to);
      if (first != moments.end()) deadlines_[i] = std::min(deadlines_[i], *first);
    }
  }

  Decision not_empty(const OtherTake& take) const {
    std::vector<std::uint32_t> proof{take.operation};
    for (const Lifetime& life : all_.values) {
      if (life.put.to >= take.at.to || life.take.from <= take.at.from) continue;
      proof.push_back(life.put_operation);
      if (life.taken()) proof.push_back(life.take_operation);
    }
    return Decision::refuse("the queue was said to be empty though it held a value all the time", std::move(proof));
  }

  std::string text(const Lifetime& life) const { return history_.describe(life.value); }

  const History& history_;
  const Lifetimes& all_;
  Values taken_, stayed_;
  std::vector<std::int64_t> deadlines_;  // of stayed_
  Values because_;                       // of stayed_: who came out first of those that went in later
  std::int64_t failed_by_ = 0;
};

}  // namespace

Decision decide_fifo_queue(const History& history, const Lifetimes& lifetimes) {
  return FifoQueue(history, lifetimes).decide();
}

}  // namespace fracas::checker
