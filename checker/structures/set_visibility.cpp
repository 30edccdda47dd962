#include "checker/structures/set_visibility.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/history/value_numbers.h"

namespace fracas::checker {
namespace {

struct Element {
  std::uint32_t add = kNone;              // the first that may have happened
  std::uint32_t known_by = kNone;         // whose return made it known first
  std::uint32_t known_at = kNone;         // that return's event
  std::uint32_t shown_by = kNone;         // of the reads that show it, the one that began last
  std::uint32_t lacked_by = kNone;        // of those that lack it
  std::uint32_t counted_by = kNone;       // the read whose elements are being counted
  std::uint32_t acknowledged_by = kNone;  // the first add that returned
};

class Visible {
 public:
  Visible(const History& history, std::size_t operations) : history_(history), by_value_(operations / 2) {
    elements_.reserve(operations);
  }

  Result<void> note(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    if (operation.function == Function::add) {
      if (operation.outcome != Outcome::fail) add(index);
      return {};
    }
    if (operation.function != Function::read)
      return failure(fmt::format("event {}: {} is not a function of this model (add, read)", operation.invoke + 1,
                                 history_.functions.name(operation.function)));
    if (operation.outcome != Outcome::ok) return {};
    if (!operation.result.is_nil() && !operation.result.is(Value::Kind::list))
      return failure(
          fmt::format("event {}: {} is not a list", operation.completion + 1, history_.describe(operation.result)));
    reads_.push_back(index);
    return {};
  }

  VisibilityFindings examine(Visibility visibility) {
    for (const std::uint32_t read : reads_) show(read);
    find_lacks();
    findings_.stable_after_ns.reserve(elements_.size());
    for (const Element& element : elements_) classify(element, visibility);
    if (visibility == Visibility::last_read)
      judge_last_read();
    else if (stable_ == 0 && known() && decision().answer == Linearizable::yes)
      decision() = Decision::give_up(kNothingStable);
    decision().counts = {
        {"acknowledged", acknowledged_}, {"stable", stable_},         {"stale", stale_},          {"lost", lost_},
        {"never_read", never_read_},     {"duplicated", duplicated_}, {"unexpected", unexpected_}};
    return std::move(findings_);
  }

 private:
  const Operation& operation(std::uint32_t index) const { return history_.operations[index]; }
  std::string text(Value value) const { return history_.describe(value); }
  Decision& decision() { return findings_.decision; }
  std::span<const Value> seen(std::uint32_t read) const {
    const Value result = operation(read).result;
    return result.is_nil() ? std::span<const Value>{} : history_.values.elements_of(result);
  }

  // Whether anything can be asked for: an element that was acknowledged, or seen.
  bool known() const {
    return std::any_of(elements_.begin(), elements_.end(), [](const Element& each) { return each.known_by != kNone; });
  }

  void refuse(std::string sentence, std::vector<std::uint32_t> proof) {
    if (decision().answer == Linearizable::no) return;
    std::erase(proof, kNone);
    decision() = Decision::refuse(std::move(sentence), std::move(proof));
  }

  void add(std::uint32_t index) {
    const std::uint32_t number = by_value_.of(operation(index).argument);
    if (number == elements_.size()) {
      elements_.emplace_back();
      elements_.back().add = index;
    }
    if (operation(index).outcome != Outcome::ok) return;
    Element& element = elements_[number];
    know(element, index);
    if (element.acknowledged_by != kNone) return;
    element.acknowledged_by = index;
    ++acknowledged_;
  }

  void know(Element& element, std::uint32_t index) const {
    const std::uint32_t at = operation(index).completion;
    if (element.known_by != kNone && at >= element.known_at) return;
    element.known_by = index;
    element.known_at = at;
  }

  // The numbers of what a read saw, kNone for what nothing added. One after the other, reads mostly begin alike: what
  // begins as the read before it is not looked up again. Valid until the next call.
  std::span<const std::uint32_t> numbers_of(std::uint32_t read) {
    const auto now = seen(read);
    const std::size_t both = std::min(now.size(), numbered_.size());
    if (!std::equal(now.begin(), now.begin() + static_cast<std::ptrdiff_t>(both), numbered_.begin())) numbers_.clear();
    numbers_.reserve(now.size());
    for (std::size_t i = numbers_.size(); i < now.size(); ++i) numbers_.push_back(by_value_.find(now[i]));
    if (now.size() > numbered_.size() || numbers_.size() == now.size()) numbered_ = now;
    return std::span(numbers_).first(now.size());
  }

  // Reads come by their beginnings, so the last that shows an element is the last of them.
  void show(std::uint32_t read) {
    const auto numbers = numbers_of(read);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const std::uint32_t number = numbers[i];
      const Value value = seen(read)[i];
      if (number == kNone) {
        ++unexpected_;
        refuse(fmt::format("a read saw {}, which nothing added", text(value)), {read});
        continue;
      }
      Element& element = elements_[number];
      if (element.counted_by == read) {
        ++duplicated_;
        refuse(fmt::format("a read saw {} twice", text(value)), {element.add, read});
      }
      element.counted_by = read;
      element.shown_by = read;
      know(element, read);
    }
  }

  // From the last read backwards: an element that all so far have shown is lacked by the next one or shown by it too.
  void find_lacks() {
    std::vector<std::uint32_t> returned_by;  // by read: the last completion among it and those before
    for (const std::uint32_t read : reads_)
      returned_by.push_back(std::max(returned_by.empty() ? 0U : returned_by.back(), operation(read).completion));
    LargeVector<std::uint32_t> shown(elements_.size());
    for (std::uint32_t i = 0; i < shown.size(); ++i) shown[i] = i;
    for (Element& element : elements_) element.counted_by = kNone;
    for (std::size_t k = reads_.size(); k-- > 0 && !shown.empty();) {
      const std::uint32_t read = reads_[k];
      for (const std::uint32_t number : numbers_of(read))
        if (number != kNone) elements_[number].counted_by = read;
      std::erase_if(shown, [&](std::uint32_t i) {
        Element& element = elements_[i];
        if (element.counted_by == read) return false;
        const std::uint32_t begun = operation(element.add).invoke;
        if (begun < operation(read).completion) element.lacked_by = read;
        return element.lacked_by != kNone || returned_by[k] < begun;
      });
    }
  }

  bool began_after(std::uint32_t read, std::uint32_t other) const {
    return read != kNone && (other == kNone || operation(read).invoke > operation(other).invoke);
  }

  std::string name_of(const Element& element) const { return text(operation(element.add).argument); }

  void classify(const Element& element, Visibility visibility) {
    const bool lacked_when_known = element.known_by != kNone && element.lacked_by != kNone &&
                                   element.known_at < operation(element.lacked_by).invoke;
    if (began_after(element.shown_by, element.lacked_by)) return settle(element, lacked_when_known, visibility);
    if (!lacked_when_known) {
      ++never_read_;
      return;
    }
    ++lost_;
    if (visibility == Visibility::last_read) return;
    refuse(fmt::format("{} was {}, but the last read lacks it", name_of(element),
                       element.acknowledged_by != kNone ? "acknowledged" : "seen by a read"),
           {element.add, element.known_by, element.shown_by, element.lacked_by});
  }

  void settle(const Element& element, bool stale, Visibility visibility) {
    ++stable_;
    findings_.stable_after_ns.push_back(
        stale ? operation(element.lacked_by).invoke_ns - operation(element.known_by).return_ns : 0);
    if (!stale) return;
    ++stale_;
    if (visibility == Visibility::immediate)
      refuse(fmt::format("a read lacked {}, which was known to be there before it began", name_of(element)),
             {element.add, element.known_by, element.lacked_by});
  }

  void judge_last_read() {
    lost_ = 0;
    if (reads_.empty()) {
      decision() = Decision::give_up("there is no read");
      return;
    }
    std::uint32_t last = reads_.front();
    for (const std::uint32_t read : reads_)
      if (operation(read).completion > operation(last).completion) last = read;
    for (Element& element : elements_) element.counted_by = kNone;
    for (const Value value : seen(last))
      if (const std::uint32_t number = by_value_.find(value); number != kNone) elements_[number].counted_by = last;
    for (const Element& element : elements_) {
      const std::uint32_t by = element.acknowledged_by;
      if (by == kNone || element.counted_by == last || operation(by).completion > operation(last).invoke) continue;
      ++lost_;
      refuse(fmt::format("{} was acknowledged, but the last read lacks it", name_of(element)), {by, last});
    }
  }

  const History& history_;
  ValueNumbers by_value_;
  std::span<const Value> numbered_;     // what a read saw
  std::vector<std::uint32_t> numbers_;  // of these
  LargeVector<Element> elements_;
  std::vector<std::uint32_t> reads_;  // answered, by invocation
  double acknowledged_ = 0, stable_ = 0, stale_ = 0, lost_ = 0, never_read_ = 0, duplicated_ = 0, unexpected_ = 0;
  VisibilityFindings findings_;
};

}  // namespace

Result<VisibilityFindings> examine_visibility(const History& history, std::span<const std::uint32_t> operations,
                                              Visibility visibility) {
  Visible visible(history, operations.size());
  for (const std::uint32_t index : operations)
    if (auto noted = visible.note(index); !noted) return failure(std::move(noted).error());
  return visible.examine(visibility);
}

}  // namespace fracas::checker
