#include "checker/structures/stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "checker/linearizability/nearly_sorted.h"
#include "checker/structures/coverage.h"
#include "checker/structures/open_union.h"

namespace fracas::checker {
namespace {

constexpr std::int64_t kGone = std::numeric_limits<std::int64_t>::min();

// Decides for values that are all surely inside for a while, their takes known (those that stayed are taken at kNever).
// Time is cut into cells at the ends of puts and the beginnings of takes: cell 2i is the i-th such moment, cell 2i+1
// what lies between it and the next.
class StackParts {
 public:
  explicit StackParts(LargeVector<Lifetime> values)
      : values_(std::move(values)), begins_(values_.size()), ends_(values_.size()), cover_(cut()) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      begins_.set(i, -values_[i].put.from);
      cover_.add(2 * moment(values_[i].put.to) + 1, 2 * moment(values_[i].take.from), 1);
    }
  }

  // The values of a part that is impossible; empty where there is none.
  LargeVector<Lifetime> impossible_part() {
    std::vector<Part> parts{{0, 2 * moments_.size()}};
    while (!parts.empty()) {
      const Part whole = parts.back();
      parts.pop_back();
      for (std::size_t at = whole.first; at < whole.end;) {
        const Part part{at, cover_.first_free(at, whole.end)};
        at = part.end + 1;
        if (part.first == part.end) continue;
        if (!remove_outermost(part)) return remaining(part);
        parts.push_back(part);
      }
    }
    return {};
  }

 private:
  struct Part {
    std::size_t first, end;  // cells, all covered
  };

  std::size_t cut() {
    sort_nearly_sorted(values_, [](auto& a, auto& b) { return a.put.to < b.put.to; });
    for (const Lifetime& life : values_) {
      moments_.push_back(life.put.to);
      moments_.push_back(life.take.from);
    }
    std::sort(moments_.begin(), moments_.end());
    moments_.erase(std::unique(moments_.begin(), moments_.end()), moments_.end());
    return 2 * moments_.size();
  }

  std::size_t moment(std::int64_t at) const {
    return static_cast<std::size_t>(std::lower_bound(moments_.begin(), moments_.end(), at) - moments_.begin());
  }

  // Values of a part, removed ones among them: those whose puts end in it.
  std::size_t first_value(std::int64_t from) const {
    const auto found = std::lower_bound(values_.begin(), values_.end(), from,
                                        [](const Lifetime& life, std::int64_t at) { return life.put.to < at; });
    return static_cast<std::size_t>(found - values_.begin());
  }

  bool remove_outermost(const Part& part) {
    const std::int64_t start = moments_[part.first / 2], end = moments_[part.end / 2];
    const std::size_t low = first_value(start), high = first_value(end);
    for (auto begin = begins_.greatest(low, high); begin.index < high && begin.value != kGone && -begin.value <= start;
         begin = begins_.greatest(low, high)) {
      begins_.set(begin.index, kGone);
      ends_.set(begin.index, values_[begin.index].take.to);
    }
    const auto last = ends_.greatest(low, high);
    if (last.value == kGone || last.value < end) return false;
    ends_.set(last.index, kGone);
    const Lifetime& life = values_[last.index];
    cover_.add(2 * moment(life.put.to) + 1, 2 * moment(life.take.from), -1);
    removed_.resize(values_.size(), false);
    removed_[last.index] = true;
    return true;
  }

  LargeVector<Lifetime> remaining(const Part& part) const {
    LargeVector<Lifetime> values;
    for (std::size_t i = first_value(moments_[part.first / 2]); i < first_value(moments_[part.end / 2]); ++i)
      if (removed_.empty() || !removed_[i]) values.push_back(values_[i]);
    return values;
  }

  LargeVector<Lifetime> values_;  // by the end of their puts
  std::vector<std::int64_t> moments_;
  RangeMaximum begins_;  // of puts, negated: those that could not yet be the first of their part
  RangeMaximum ends_;    // of takes: those that can be the first of their part
  Coverage cover_;
  std::vector<bool> removed_;
};

// Values that stayed and takes without an answer, paired. Each pairing that works is a proof that the history does.
enum class Pairing : std::uint8_t {
  none,
  oldest_first,
  newest_first,
  all_at_first,  // more than can be: the first take takes them all
};

LargeVector<Lifetime> paired(const Lifetimes& lifetimes, Pairing pairing) {
  LargeVector<Lifetime> values = lifetimes.values;
  if (pairing == Pairing::none || lifetimes.unknown.empty()) return values;
  std::vector<Lifetime*> stayed;
  for (Lifetime& life : values)
    if (!life.taken()) stayed.push_back(&life);
  std::sort(stayed.begin(), stayed.end(), [](auto* a, auto* b) { return a->put.to < b->put.to; });
  if (pairing == Pairing::newest_first) std::reverse(stayed.begin(), stayed.end());
  for (std::size_t i = 0; i < stayed.size(); ++i) {
    if (pairing != Pairing::all_at_first && i >= lifetimes.unknown.size()) break;
    stayed[i]->take = lifetimes.unknown[pairing == Pairing::all_at_first ? 0 : i].at;
  }
  return values;
}

Decision refuse_part(const History& history, const LargeVector<Lifetime>& part) {
  std::vector<std::uint32_t> proof;
  std::string names;
  for (const Lifetime& life : part) {
    proof.push_back(life.put_operation);
    if (life.taken()) proof.push_back(life.take_operation);
    if (proof.size() <= 8) names += (names.empty() ? "" : ", ") + history.describe(life.value);
  }
  return Decision::refuse(
      fmt::format("of the values {}{} none can be the first that was pushed and the last that was popped, and the "
                  "stack was never empty between",
                  names, part.size() > 4 ? ", …" : ""),
      std::move(proof));
}

Decision decide_paired(const History& history, const Lifetimes& lifetimes, Pairing pairing) {
  LargeVector<Lifetime> values = paired(lifetimes, pairing);
  std::erase_if(values, [](const Lifetime& life) { return life.put.to >= life.take.from; });
  LargeVector<OpenInterval> inside;
  for (const Lifetime& life : values) inside.push_back({life.put.to, life.take.from});
  const OpenUnion full(std::move(inside));
  for (const OtherTake& take : lifetimes.empty) {
    if (full.first_free(take.at.from) <= take.at.to) continue;
    std::vector<std::uint32_t> proof{take.operation};
    for (const Lifetime& life : values) {
      if (life.put.to >= take.at.to || life.take.from <= take.at.from) continue;
      proof.push_back(life.put_operation);
      if (life.taken()) proof.push_back(life.take_operation);
    }
    return Decision::refuse("the stack was said to be empty though it held a value all the time", std::move(proof));
  }
  const auto part = StackParts(std::move(values)).impossible_part();
  return part.empty() ? Decision{} : refuse_part(history, part);
}

}  // namespace

Decision decide_stack(const History& history, const Lifetimes& lifetimes) {
  const bool stayed = std::any_of(lifetimes.values.begin(), lifetimes.values.end(), [](auto& v) { return !v.taken(); });
  if (lifetimes.unknown.empty() || !stayed) return decide_paired(history, lifetimes, Pairing::none);
  for (const Pairing pairing : {Pairing::none, Pairing::oldest_first, Pairing::newest_first})
    if (const Decision decision = decide_paired(history, lifetimes, pairing); decision.answer == Linearizable::yes)
      return decision;
  Decision decision = decide_paired(history, lifetimes, Pairing::all_at_first);
  if (decision.answer == Linearizable::no) return decision;
  return Decision::give_up("values that stayed and takes without an answer leave too many ways");
}

}  // namespace fracas::checker
