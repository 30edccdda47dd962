#include "checker/structures/priority_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "checker/structures/free_moments.h"

namespace fracas::checker {
namespace {

class PriorityQueue {
 public:
  PriorityQueue(const History& history, const Lifetimes& lifetimes)
      : history_(history), all_(lifetimes), values_(lifetimes.values) {
    std::sort(values_.begin(), values_.end(),
              [](const Lifetime& a, const Lifetime& b) { return a.value.integer() < b.value.integer(); });
  }

  Decision decide() {
    const bool stayed = std::any_of(values_.begin(), values_.end(), [](auto& life) { return !life.taken(); });
    if (all_.unknown.empty() || !stayed) return decide_with({});
    const std::vector<OtherTake> takes = all_.unknown;
    Decision least = decide_with({});
    if (least.answer == Linearizable::yes) return least;
    for (const bool greedy : {true, false})
      if (Decision paired = decide_with(pair_up(greedy)); paired.answer == Linearizable::yes) return paired;
    Decision most = decide_with(std::vector<std::int64_t>(values_.size(), takes.front().at.from));
    if (most.answer == Linearizable::no) return most;
    return Decision::give_up("values that stayed and takes without an answer leave too many ways");
  }

 private:
  // By value: when the unanswered take that is to have taken it began; kNever for none.
  std::vector<std::int64_t> pair_up(bool least_first) const {
    std::vector<std::int64_t> begins(values_.size(), kNever);
    auto take = all_.unknown.begin();
    for (std::size_t n = 0; n < values_.size() && take != all_.unknown.end(); ++n) {
      const std::size_t i = least_first ? n : values_.size() - 1 - n;
      if (!values_[i].taken()) begins[i] = (take++)->at.from;
    }
    return begins;
  }

  std::vector<std::int64_t> moments(const std::vector<std::int64_t>& unanswered) const {
    std::vector<std::int64_t> all = unanswered;
    all.reserve(all.size() + 3 * values_.size() + all_.empty.size());
    for (const Lifetime& life : values_) all.insert(all.end(), {life.put.from, life.put.to, life.take.from});
    for (const OtherTake& take : all_.empty) all.push_back(take.at.from);
    return all;
  }

  // `unanswered` as of pair_up(), or empty.
  Decision decide_with(const std::vector<std::int64_t>& unanswered) const {
    FreeMoments free(moments(unanswered));
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const Lifetime& life = values_[i];
      const std::int64_t begin = life.taken() || unanswered.empty() ? life.take.from : unanswered[i];
      const std::int64_t at = begin == kNever ? kNever : free.first_free(std::max(life.put.from, begin));
      if (life.taken() && at > life.take.to) return refuse_take(i, unanswered);
      free.cover(life.put.to, at);
    }
    for (const OtherTake& take : all_.empty)
      if (free.first_free(take.at.from) > take.at.to) return refuse_empty(take);
    return {};
  }

  Decision refuse_take(std::size_t index, const std::vector<std::int64_t>& unanswered) const {
    const Lifetime& taken = values_[index];
    for (std::size_t i = 0; i < index; ++i) {
      const Lifetime& smaller = values_[i];
      const std::int64_t until = smaller.taken() || unanswered.empty() ? smaller.take.from : unanswered[i];
      if (smaller.put.to >= taken.take.from || until <= taken.take.to) continue;
      std::vector<std::uint32_t> proof{smaller.put_operation, taken.put_operation, taken.take_operation};
      if (smaller.taken()) proof.push_back(smaller.take_operation);
      return Decision::refuse(
          fmt::format("{} was taken though {}, which comes first, was inside all the time", text(taken), text(smaller)),
          std::move(proof));
    }
    return Decision::refuse(
        fmt::format("{} was taken though at every moment something that comes first was inside", text(taken)),
        operations_below(index + 1));
  }

  Decision refuse_empty(const OtherTake& take) const {
    std::vector<std::uint32_t> proof = operations_below(values_.size());
    proof.push_back(take.operation);
    return Decision::refuse("the queue was said to be empty though it held a value all the time", std::move(proof));
  }

  std::vector<std::uint32_t> operations_below(std::size_t end) const {
    std::vector<std::uint32_t> operations;
    for (std::size_t i = 0; i < end; ++i) {
      operations.push_back(values_[i].put_operation);
      if (values_[i].taken()) operations.push_back(values_[i].take_operation);
    }
    return operations;
  }

  std::string text(const Lifetime& life) const { return history_.describe(life.value); }

  const History& history_;
  const Lifetimes& all_;
  std::vector<Lifetime> values_;  // the least first
};

}  // namespace

Decision decide_priority_queue(const History& history, const Lifetimes& lifetimes) {
  return PriorityQueue(history, lifetimes).decide();
}

}  // namespace fracas::checker
