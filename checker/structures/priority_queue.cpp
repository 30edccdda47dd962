#include "checker/structures/priority_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "checker/linearizability/nearly_sorted.h"
#include "checker/structures/free_moments.h"
#include "checker/structures/radix_sort.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kAhead = 16;  // values, which are looked at in no order of time
constexpr std::uint32_t kNotNumbered = std::numeric_limits<std::uint32_t>::max();

// The moments of one value's life, by number; kNotNumbered where it has no such moment.
struct Numbered {
  std::uint32_t put_from = kNotNumbered, put_to = kNotNumbered, take = kNotNumbered;
};

class PriorityQueue {
 public:
  PriorityQueue(const History& history, const Lifetimes& lifetimes)
      : history_(history), all_(lifetimes), values_(lifetimes.values) {
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
    by_value.reserve(values_.size());
    for (std::uint32_t i = 0; i < values_.size(); ++i) by_value.push_back({values_[i].value.integer(), i});
    radix_sort(by_value);
    order_.reserve(by_value.size());
    for (const Sortable& next : by_value) order_.push_back(next.owner);
  }

  // Puts begin and end nearly in the order of the values, as clients made them; only takes come in any order.
  void number_moments() {
    LargeVector<Sortable> begins, ends, takes, others;
    begins.reserve(values_.size());
    ends.reserve(values_.size());
    takes.reserve(values_.size());
    for (std::uint32_t i = 0; i < values_.size(); ++i) {
      begins.push_back({values_[i].put.from, i});
      if (values_[i].put.to != kNever) ends.push_back({values_[i].put.to, i});
      if (values_[i].taken()) takes.push_back({values_[i].take.from, i});
    }
    for (const OtherTake& take : all_.empty) others.push_back({take.at.from, 0});
    for (const OtherTake& take : all_.unknown) others.push_back({take.at.from, 0});
    const auto earlier = [](const Sortable& a, const Sortable& b) { return a.key < b.key; };
    for (LargeVector<Sortable>* nearly : {&begins, &ends, &others}) sort_nearly_sorted(*nearly, earlier);
    radix_sort(takes);
    numbered_.assign(values_.size(), {});
    free_.reserve(begins.size() + ends.size() + takes.size() + others.size() + 1);
    auto begin = begins.begin(), end = ends.begin(), take = takes.begin(), other = others.begin();
    const auto time_of = [](auto place, const auto& list) { return place == list.end() ? kNever : place->key; };
    while (true) {
      const std::int64_t now = std::min(std::min(time_of(begin, begins), time_of(end, ends)),
                                        std::min(time_of(take, takes), time_of(other, others)));
      if (now == kNever) break;
      const std::uint32_t number = free_.append(now);
      for (; time_of(begin, begins) == now; ++begin) numbered_[begin->owner].put_from = number;
      for (; time_of(end, ends) == now; ++end) numbered_[end->owner].put_to = number;
      for (; time_of(take, takes) == now; ++take) numbered_[take->owner].take = number;
      for (; time_of(other, others) == now; ++other) continue;
    }
    free_.close();
  }

  // By rank: when the unanswered take that is to have taken it began; kNever for none.
  std::vector<std::int64_t> pair_up(bool least_first) const {
    std::vector<std::int64_t> begins(values_.size(), kNever);
    auto take = all_.unknown.begin();
    for (std::size_t n = 0; n < values_.size() && take != all_.unknown.end(); ++n) {
      const std::size_t rank = least_first ? n : values_.size() - 1 - n;
      if (!ranked(rank).taken()) begins[rank] = (take++)->at.from;
    }
    return begins;
  }

  // `unanswered` as of pair_up(), or empty.
  Decision decide_with(const std::vector<std::int64_t>& unanswered) {
    free_.free_all();
    const std::uint32_t never = free_.number_of(kNever);
    for (std::size_t rank = 0; rank < order_.size(); ++rank) {
      if (rank + kAhead < order_.size()) __builtin_prefetch(&numbered_[order_[rank + kAhead]]);
      const Numbered& numbers = numbered_[order_[rank]];
      const bool taken = numbers.take != kNotNumbered;
      std::uint32_t begin = taken ? numbers.take : never;
      if (!taken && !unanswered.empty()) begin = free_.number_of(unanswered[rank]);
      const std::uint32_t wanted = std::max(numbers.put_from, begin);
      const std::uint32_t at = begin == never ? never : free_.first_free(wanted);
      // What can be taken when both its put and its take have begun can be: neither ended before the other began.
      if (taken && at != wanted && free_.at(at) > ranked(rank).take.to) return refuse_take(rank, unanswered);
      if (numbers.put_to != kNotNumbered) free_.cover(numbers.put_to, at);
    }
    for (const OtherTake& take : all_.empty)
      if (free_.at(free_.first_free(free_.number_of(take.at.from))) > take.at.to) return refuse_empty(take);
    return {};
  }

  const Lifetime& ranked(std::size_t rank) const { return values_[order_[rank]]; }

  Decision refuse_take(std::size_t end, const std::vector<std::int64_t>& unanswered) const {
    const Lifetime& taken = ranked(end);
    for (std::size_t rank = 0; rank < end; ++rank) {
      const Lifetime& smaller = ranked(rank);
      const std::int64_t until = smaller.taken() || unanswered.empty() ? smaller.take.from : unanswered[rank];
      if (smaller.put.to >= taken.take.from || until <= taken.take.to) continue;
      std::vector<std::uint32_t> proof{smaller.put_operation, taken.put_operation, taken.take_operation};
      if (smaller.taken()) proof.push_back(smaller.take_operation);
      return Decision::refuse(
          fmt::format("{} was taken though {}, which comes first, was inside all the time", text(taken), text(smaller)),
          std::move(proof));
    }
    return Decision::refuse(
        fmt::format("{} was taken though at every moment something that comes first was inside", text(taken)),
        operations_below(end + 1));
  }

  Decision refuse_empty(const OtherTake& take) const {
    std::vector<std::uint32_t> proof = operations_below(values_.size());
    proof.push_back(take.operation);
    return Decision::refuse("the queue was said to be empty though it held a value all the time", std::move(proof));
  }

  std::vector<std::uint32_t> operations_below(std::size_t end) const {
    std::vector<std::uint32_t> operations;
    for (std::size_t rank = 0; rank < end; ++rank) {
      operations.push_back(ranked(rank).put_operation);
      if (ranked(rank).taken()) operations.push_back(ranked(rank).take_operation);
    }
    return operations;
  }

  std::string text(const Lifetime& life) const { return history_.describe(life.value); }

  const History& history_;
  const Lifetimes& all_;
  const LargeVector<Lifetime>& values_;
  LargeVector<Numbered> numbered_;    // by place in values_
  LargeVector<std::uint32_t> order_;  // places in values_, the least value first: by rank
  FreeMoments free_;
};

}  // namespace

Decision decide_priority_queue(const History& history, const Lifetimes& lifetimes) {
  return PriorityQueue(history, lifetimes).decide();
}

}  // namespace fracas::checker
