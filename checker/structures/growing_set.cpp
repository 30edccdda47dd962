#include "checker/structures/growing_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "checker/history/value_numbers.h"
#include "checker/structures/event_order.h"

namespace fracas::checker {
namespace {

// Reads that saw the same are at one odd height, the more they saw the higher; an addition is at the even height below
// the first reads that have its element, or at a greater one where something before it in time already is.
using Height = std::uint32_t;

struct Element {
  Value value;
  Height height = kNone;  // below the first read that has it; kNone = no read has it
  std::uint32_t first_read = kNone;
  std::uint32_t last_read = kNone;  // looked at
  std::uint32_t addition = kNone;   // any one
  std::uint32_t before = kNone;     // what was above `height` when that addition began
  bool added_there = false;         // an addition can be at `height`
};

class GrowingSet {
 public:
  GrowingSet(const History& history, std::span<const std::uint32_t> operations)
      : history_(history), numbers_(operations.size()), number_of_(history.operations.size(), kNone) {
    for (const std::uint32_t index : operations) {
      const Operation& operation = history.operations[index];
      if (operation.function == Function::add && operation.outcome != Outcome::fail) {
        number_of_[index] = numbers_.of(operation.argument);
        if (number_of_[index] == elements_.size()) elements_.emplace_back().value = operation.argument;
        elements_[number_of_[index]].addition = index;
        placed_.push_back(index);
      } else if (operation.function == Function::read && operation.outcome == Outcome::ok) {
        reads_.push_back(index);
        placed_.push_back(index);
      }
    }
  }

  Decision decide() {
    if (auto wrong = layer_reads()) return *wrong;
    for (const Moment& moment : moments_of(history_, placed_)) {
      if (moment.end)
        end(moment.operation);
      else if (!begin(moment.operation))
        return stale(moment.operation);
    }
    for (const Element& element : elements_)
      if (element.height != kNone && !element.added_there) return added_later(element);
    return accept();
  }

 private:
  std::span<const Value> seen(std::uint32_t read) const {
    const Value result = history_.operations[read].result;
    return result.is_nil() ? std::span<const Value>{} : history_.values.elements_of(result);
  }
  const Element& of(Value value) const { return elements_[numbers_.find(value)]; }  // REQUIRES: it was added
  std::string text(Value value) const { return history_.describe(value); }
  bool is_read(std::uint32_t index) const { return history_.operations[index].function == Function::read; }

  std::optional<Decision> layer_reads() {
    std::stable_sort(reads_.begin(), reads_.end(), [&](auto a, auto b) { return seen(a).size() < seen(b).size(); });
    std::uint32_t below = kNone;
    for (const std::uint32_t read : reads_) {
      const std::size_t size = below == kNone ? 0 : seen(below).size();
      if (below == kNone || seen(read).size() > size) top_ += 2;
      // Most reads begin with what the smaller one saw: that is then known without a look at each element.
      const bool longer = below != kNone && begins_with(seen(read), seen(below));
      std::size_t known = longer ? size : 0;
      for (const Value value : seen(read).subspan(known)) {
        if (longer && is_seen(value)) return twice(value, read);
        if (auto wrong = note(value, read, known)) return wrong;
      }
      if (known != size) return incomparable(below, read);
      height_of_[read] = top_ - 1;
      below = read;
    }
    return std::nullopt;
  }

  static bool begins_with(std::span<const Value> all, std::span<const Value> first) {
    return first.size() <= all.size() && std::equal(first.begin(), first.end(), all.begin());
  }

  bool is_seen(Value value) const {
    const std::uint32_t number = numbers_.find(value);
    return number != kNone && elements_[number].height != kNone && elements_[number].height < top_ - 2;
  }
  Decision twice(Value value, std::uint32_t read) const {
    return Decision::refuse(fmt::format("a read saw {} twice", text(value)), {read});
  }

  std::optional<Decision> note(Value value, std::uint32_t read, std::size_t& known) {
    const std::uint32_t number = numbers_.find(value);
    if (number == kNone)
      return Decision::refuse(fmt::format("a read saw {}, which nothing added", text(value)), {read});
    Element& element = elements_[number];
    if (element.last_read == read) return twice(value, read);
    element.last_read = read;
    known += element.height != kNone ? 1 : 0;
    if (element.height == kNone) {
      element.height = top_ - 2;
      element.first_read = read;
    }
    return std::nullopt;
  }

  Decision incomparable(std::uint32_t smaller, std::uint32_t larger) {
    Value missing, extra;
    for (const Value value : seen(smaller))
      if (of(value).last_read != larger) missing = value;
    for (const Value value : seen(larger))
      if (of(value).first_read == larger) extra = value;
    return Decision::refuse(fmt::format("one read saw {} but not {}, another {} but not {}", text(missing), text(extra),
                                        text(extra), text(missing)),
                            {of(missing).addition, of(extra).addition, smaller, larger});
  }

  // Places what begins as low as it can be. False: a read that cannot be where it must.
  bool begin(std::uint32_t index) {
    Height low = top_;
    Element* element = nullptr;
    if (is_read(index)) {
      low = height_of_[index];
      if (floor_ > low) return false;
    } else {
      element = &elements_[number_of_[index]];
      if (element->height != kNone) low = element->height;
    }
    height_of_[index] = std::max(low, floor_);
    origin_of_[index] = low >= floor_ ? index : floor_by_;
    if (element == nullptr || element->height == kNone) return true;
    if (floor_ <= low) element->added_there = true;
    if (floor_ > low && element->before == kNone) {
      element->before = floor_by_;
      element->addition = index;
    }
    return true;
  }

  void end(std::uint32_t index) {
    if (height_of_[index] <= floor_) return;
    floor_ = height_of_[index];
    floor_by_ = origin_of_[index];
  }

  // floor_by_ was over before the read began, and is above it: a larger read, or an addition the read lacks.
  Decision stale(std::uint32_t read) const {
    if (is_read(floor_by_))
      return Decision::refuse("a read lacks elements that an earlier one had seen", {floor_by_, read});
    return Decision::refuse(fmt::format("a read lacks {}, whose addition had returned before it began",
                                        text(history_.operations[floor_by_].argument)),
                            {floor_by_, read});
  }

  // All additions of a seen element began after something that is above the read which saw it, or is such a read.
  Decision added_later(const Element& element) const {
    const Value value = element.value;
    std::vector<std::uint32_t> proof{element.first_read, element.addition, element.before};
    if (is_read(element.before))
      return Decision::refuse(fmt::format("a read saw {} before anything added it", text(value)), std::move(proof));
    return Decision::refuse(fmt::format("a read saw {} and not {}, which was added before", text(value),
                                        text(history_.operations[element.before].argument)),
                            std::move(proof));
  }

  Decision accept() {
    Decision decision;
    for (const std::uint32_t index : placed_) {
      const Operation& operation = history_.operations[index];
      const bool unseen = !is_read(index) && elements_[number_of_[index]].height == kNone;
      if (!unseen || operation.outcome == Outcome::ok) decision.witness.push_back(index);
    }
    std::stable_sort(decision.witness.begin(), decision.witness.end(),
                     [&](auto a, auto b) { return height_of_[a] < height_of_[b]; });
    return decision;
  }

  const History& history_;
  ValueNumbers numbers_;
  LargeVector<Element> elements_;         // by number of their values
  std::vector<std::uint32_t> number_of_;  // by addition
  std::vector<std::uint32_t> reads_, placed_;
  std::vector<Height> height_of_ = std::vector<Height>(history_.operations.size(), 0);
  std::vector<std::uint32_t> origin_of_ = std::vector<std::uint32_t>(history_.operations.size(), kNone);
  Height top_ = 0;    // above all reads; even
  Height floor_ = 0;  // nothing that begins now can be below
  std::uint32_t floor_by_ = kNone;
};

}  // namespace

Decision decide_growing_set(const History& history, std::span<const std::uint32_t> operations) {
  return GrowingSet(history, operations).decide();
}

}  // namespace fracas::checker
