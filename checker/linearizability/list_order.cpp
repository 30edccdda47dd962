#include "checker/linearizability/list_order.h"

#include <algorithm>
#include <unordered_map>

namespace fracas::checker {
namespace {

Finding violation(Pattern pattern, std::vector<std::uint32_t> evidence, std::int64_t at_ns) {
  return {Linearizable::no, {}, pattern, std::move(evidence), at_ns, 0};
}

struct Appended {
  std::uint32_t count = 0;
  std::uint32_t append = kNone;  // index into Lists::appends, the first invoked
};
using ByElement = std::unordered_map<Value, Appended>;

// Elements that nobody appended, or that are there more often than they were appended.
std::optional<Finding> impossible_element(const ListRead& read, const Lists& lists, const ByElement& elements) {
  std::unordered_map<Value, std::uint32_t> seen;
  seen.reserve(read.list.size());
  for (const Value element : read.list) {
    const auto found = elements.find(element);
    if (found == elements.end()) return violation(Pattern::phantom_read, {read.operation}, read.return_ns);
    if (++seen[element] > found->second.count)
      return violation(Pattern::duplicate_element, {read.operation, lists.appends[found->second.append].operation},
                       read.return_ns);
  }
  return std::nullopt;
}

// Of all reads with an impossible element the one that returned first: closest to what went wrong.
// REQUIRES: there is one.
Finding first_impossible(const Lists& lists, const ByElement& elements) {
  std::optional<Finding> first;
  for (const ListRead& read : lists.reads) {
    if (first && read.return_ns >= first->failed_at_ns) continue;
    if (auto found = impossible_element(read, lists, elements)) first = std::move(found);
  }
  return *std::move(first);
}

const ListRead* longest(const Lists& lists) {
  const auto found = std::max_element(lists.reads.begin(), lists.reads.end(), [](const ListRead& a, const ListRead& b) {
    return a.list.size() < b.list.size();
  });
  return found == lists.reads.end() ? nullptr : &*found;
}

bool is_prefix(std::span<const Value> shorter, std::span<const Value> longer) {
  return std::equal(shorter.begin(), shorter.end(), longer.begin());
}

// One operation with its place: append of the k-th element 2k+1, a read of k elements 2k+2, unread appends last.
// A history is linearizable exactly when no operation returned before one of a smaller place was invoked.
struct Placed {
  std::size_t place = 0;
  std::int64_t invoke_ns = 0;
  std::int64_t return_ns = kNever;
  std::uint32_t operation = 0;
  bool read = false;
};

std::vector<Placed> places(const Lists& lists, const ListRead& longest_read) {
  std::unordered_map<Value, std::size_t> position;
  for (std::size_t i = 0; i < longest_read.list.size(); ++i) position[longest_read.list[i]] = i;
  std::vector<Placed> placed;
  placed.reserve(lists.appends.size() + lists.reads.size());
  for (const ListRead& read : lists.reads)
    placed.push_back({2 * read.list.size() + 2, read.invoke_ns, read.return_ns, read.operation, true});
  for (const Append& append : lists.appends) {
    const auto found = position.find(append.element);
    if (found == position.end() && !append.required) continue;  // need not have happened
    const std::size_t place = found == position.end() ? 2 * longest_read.list.size() + 3 : 2 * found->second + 3;
    placed.push_back({place, append.invoke_ns, append.return_ns, append.operation, false});
  }
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) { return a.place < b.place; });
  return placed;
}

// `before` has the smaller place, yet `after` returned before `before` was invoked.
Finding out_of_order(const Placed& before, const Placed& after, const ListRead& longest_read) {
  const std::int64_t at = std::max(before.return_ns == kNever ? before.invoke_ns : before.return_ns, after.return_ns);
  if (before.read && after.read) return violation(Pattern::shrinking_read, {after.operation, before.operation}, at);
  if (before.read) return violation(Pattern::lost_append, {after.operation, before.operation}, at);
  if (after.read) return violation(Pattern::future_read, {after.operation, before.operation}, at);
  return violation(Pattern::append_order, {after.operation, before.operation, longest_read.operation},
                   std::max(at, longest_read.return_ns));
}

Finding check_places(const std::vector<Placed>& placed, const ListRead& longest_read) {
  const Placed* latest_invoked = nullptr;  // among strictly smaller places
  for (std::size_t i = 0; i < placed.size();) {
    std::size_t end = i;
    for (; end < placed.size() && placed[end].place == placed[i].place; ++end)
      if (latest_invoked && placed[end].return_ns < latest_invoked->invoke_ns)
        return out_of_order(*latest_invoked, placed[end], longest_read);
    for (; i < end; ++i)
      if (!latest_invoked || placed[i].invoke_ns > latest_invoked->invoke_ns) latest_invoked = &placed[i];
  }
  return {};
}

}  // namespace

std::optional<Finding> decide_by_order(const Lists& lists) {
  ByElement elements;
  bool unique = true;
  for (std::uint32_t i = 0; i < lists.appends.size(); ++i) {
    Appended& appended = elements[lists.appends[i].element];
    if (appended.append == kNone) appended.append = i;
    unique = ++appended.count == 1 && unique;
  }
  const ListRead* reference = longest(lists);
  if (!reference) return Finding{};
  for (const ListRead& read : lists.reads) {
    if (is_prefix(read.list, reference->list) && &read != reference) continue;  // its elements are the longest's
    if (impossible_element(read, lists, elements)) return first_impossible(lists, elements);
  }
  for (const ListRead& read : lists.reads)
    if (!is_prefix(read.list, reference->list))
      return violation(Pattern::incompatible_reads, {read.operation, reference->operation},
                       std::max(read.return_ns, reference->return_ns));
  if (!unique) return std::nullopt;
  return check_places(places(lists, *reference), *reference);
}

}  // namespace fracas::checker
