#include "checker/structures/priority_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "checker/structures/free_moments.h"
#include "checker/structures/radix_sort.h"

namespace fracas::checker {
namespace {

constexpr std::uint32_t kNotNumbered = std::numeric_limits<std::uint32_t>::max();

// The moments of one value's life, by number; kNotNumbered where it has no such moment.
struct Numbered {
  std::uint32_t put_from = 0, put_to = 0, take = 0;
};

class PriorityQueue {
 public:
  PriorityQueue(const History& history, const Lifetimes& lifetimes) : history_(history), all_(lifetimes) {
    order_by_value();
    number_moments();
  }

  Decision decide() {
    const bool stayed = std::any_of(values_.begin(), values_.end(), [](auto& life) { return !life.taken(); });
    if (all_.unknown.empty() || !stayed) return decide_with({});
    Decision least = decide_with({});
    if (least.answer == Linearizable::yes) return least;
    for (const bool greedy : {true, false})
      if (Decision paired = decide_with(pair_up(greedy)); paired.answer == Linearizable::yes) return paired;
    Decision most = decide_with(std::vector<std::int64_t>(values_.size(), all_.unknown.front().at.from));
    if (most.answer == Linearizable::no) return most;
    return Decision::give_up("values that stayed and takes without an answer leave too many ways");
  }

 private:
  void order_by_value() {
    LargeVector<Sortable> by_value;
    by_value.reserve(all_.values.size());
    for (std::uint32_t i = 0; i < all_.values.size(); ++i) by_value.push_back({all_.values[i].value.integer(), i});
    radix_sort(by_value);
    values_.reserve(by_value.size());
    for (const Sortable& next : by_value) values_.push_back(all_.values[next.owner]);
  }

  void number_moments() {
    constexpr std::uint32_t kOthers = std::numeric_limits<std::uint32_t>::max();
    LargeVector<Sortable> all;
    all.reserve(3 * values_.size() + all_.empty.size() + all_.unknown.size());
    for (std::uint32_t i = 0; i < values_.size(); ++i) {
      all.push_back({values_[i].put.from, 3 * i});
      if (values_[i].put.to != kNever) all.push_back({values_[i].put.to, 3 * i + 1});
      if (values_[i].taken()) all.push_back({values_[i].take.from, 3 * i + 2});
    }
    for (const OtherTake& take : all_.empty) all.push_back({take.at.from, kOthers});
    for (const OtherTake& take : all_.unknown) all.push_back({take.at.from, kOthers});
    radix_sort(all);
    free_.reserve(all.size() + 1);
    numbered_.assign(values_.size(), {kNotNumbered, kNotNumbered, kNotNumbered});
    for (const Sortable& moment : all) {
      const std::uint32_t number = free_.append(moment.key);
      if (moment.owner == kOthers) continue;
      Numbered& life = numbered_[moment.owner / 3];
      (moment.owner % 3 == 0 ? life.put_from : moment.owner % 3 == 1 ? life.put_to : life.take) = number;
    }
    free_.close();
  }

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

  // `unanswered` as of pair_up(), or empty.
  Decision decide_with(const std::vector<std::int64_t>& unanswered) {
    free_.free_all();
    const std::uint32_t never = free_.number_of(kNever);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const Lifetime& life = values_[i];
      const Numbered& numbers = numbered_[i];
      std::uint32_t begin = life.taken() ? numbers.take : never;
      if (!life.taken() && !unanswered.empty()) begin = free_.number_of(unanswered[i]);
      const std::uint32_t at = begin == never ? never : free_.first_free(std::max(numbers.put_from, begin));
      if (life.taken() && free_.at(at) > life.take.to) return refuse_take(i, unanswered);
      if (numbers.put_to != kNotNumbered) free_.cover(numbers.put_to, at);
    }
    for (const OtherTake& take : all_.empty)
      if (free_.at(free_.first_free(free_.number_of(take.at.from))) > take.at.to) return refuse_empty(take);
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
  LargeVector<Lifetime> values_;    // the least first
  LargeVector<Numbered> numbered_;  // by place in values_
  FreeMoments free_;
};

}  // namespace

Decision decide_priority_queue(const History& history, const Lifetimes& lifetimes) {
  return PriorityQueue(history, lifetimes).decide();
}

}  // namespace fracas::checker
