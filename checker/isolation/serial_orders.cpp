#include "checker/isolation/serial_orders.h"

#include <algorithm>

namespace fracas::checker::isolation {
namespace {

enum State : std::uint8_t { kUntouched, kOpen, kDone };

struct Visit {
  std::uint32_t node = 0, next = 0;
};

DependencyMask mask_of_all(Order order) {
  DependencyMask mask = kAllData;
  if (order != Order::none) mask |= mask_of(Dependency::process);
  if (order == Order::realtime) mask |= mask_of(Dependency::realtime);
  return mask;
}

}  // namespace

SerialOrders::SerialOrders(const Observations& observations, const Graph& known, Order order)
    : observations_(observations),
      transactions_(observations.size()),
      nodes_(known.nodes()),
      words_((std::size_t{observations.size()} + 63) / 64),
      links_(known.nodes()),
      writers_(observations.transactions().keys.size()) {
  const DependencyMask mask = mask_of_all(order);
  for (std::uint32_t node = 0; node < nodes_; ++node)
    for (std::uint32_t edge = known.begin(node); edge < known.end(node); ++edge)
      if ((mask_of(known.dependency(edge)) & mask) != 0)
        links_[known.target(edge)].push_back({node, known.dependency(edge)});
  for (std::uint32_t t = 0; t < transactions_; ++t)
    for (const std::uint32_t key : observations.written(t)) writers_[key].push_back(t);
}

std::optional<std::vector<CycleStep>> SerialOrders::find_circle(std::size_t bytes) {
  if (std::size_t{nodes_} * words_ * sizeof(std::uint64_t) > bytes) return std::nullopt;
  pasts_.resize(std::size_t{nodes_} * words_);
  while (compute_pasts())
    if (!infer()) return std::vector<CycleStep>{};
  return circle_;
}

const SerialReason* SerialOrders::reason(std::uint32_t from, std::uint32_t to) const {
  const auto found = reasons_.find({from, to});
  return found == reasons_.end() ? nullptr : &found->second;
}

bool SerialOrders::compute_pasts() {
  states_.assign(nodes_, kUntouched);
  for (std::uint32_t node = 0; node < nodes_; ++node)
    if (states_[node] == kUntouched && !reach(node)) return false;
  return true;
}

// Depth first along what comes before a node, without recursion. False: that is a circle.
bool SerialOrders::reach(std::uint32_t node) {
  std::vector<Visit> stack{{node, 0}};
  states_[node] = kOpen;
  while (!stack.empty()) {
    Visit& top = stack.back();
    const auto& links = links_[top.node];
    if (top.next == links.size()) {
      std::uint64_t* row = &pasts_[std::size_t{top.node} * words_];
      std::fill_n(row, words_, 0U);
      for (const Link& link : links)
        for (std::size_t i = 0; i < words_; ++i) row[i] |= pasts_[std::size_t{link.from} * words_ + i];
      if (top.node < transactions_) row[top.node / 64] |= std::uint64_t{1} << (top.node % 64);
      states_[top.node] = kDone;
      stack.pop_back();
      continue;
    }
    const Link link = links[top.next++];
    if (states_[link.from] == kDone) continue;
    if (states_[link.from] == kUntouched) {
      states_[link.from] = kOpen;
      stack.push_back({link.from, 0});
      continue;
    }
    // The stack leads back in time from its bottom to its top, and the link from there to one of its nodes.
    circle_ = {{link.from, link.dependency}};
    for (std::size_t i = stack.size() - 1; stack[i].node != link.from; --i)
      circle_.push_back({stack[i].node, links_[stack[i - 1].node][stack[i - 1].next - 1].dependency});
    std::erase_if(circle_, [&](const CycleStep& step) { return step.transaction >= transactions_; });
    return false;
  }
  return true;
}

bool SerialOrders::infer() {
  bool more = false;
  for (std::uint32_t reader = 0; reader < transactions_; ++reader)
    for (const Observation& seen : observations_.of(reader))
      if (seen.key != kNone) more = infer_from(reader, seen) || more;
  return more;
}

// Of the other writers of a key that was read, those before the reader come before what it saw, and those after what it
// saw come after the reader.
bool SerialOrders::infer_from(std::uint32_t reader, const Observation& seen) {
  bool more = false;
  for (const std::uint32_t writer : writers_[seen.key]) {
    if (writer == reader || writer == seen.from) continue;
    if (seen.from != kNone && is_before(writer, reader) && !is_before(writer, seen.from))
      more = add(writer, seen.from, {Dependency::ww, reader, seen.key, seen.from}) || more;
    if ((seen.from == kNone || is_before(seen.from, writer)) && !is_before(reader, writer))
      more = add(reader, writer, {Dependency::rw, reader, seen.key, seen.from}) || more;
  }
  return more;
}

bool SerialOrders::add(std::uint32_t from, std::uint32_t to, const SerialReason& reason) {
  if (!reasons_.try_emplace({from, to}, reason).second) return false;
  links_[to].push_back({from, reason.dependency});
  return true;
}

}  // namespace fracas::checker::isolation
