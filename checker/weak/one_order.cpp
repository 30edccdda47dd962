#include "checker/weak/one_order.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>

#include "checker/weak/configuration.h"

namespace fracas::checker::weak {
namespace {

// A point at which one of several writes came next: how much of the order there was, and the writes that are left.
struct Branch {
  std::size_t length = 0;
  std::vector<std::uint32_t> writes;  // the likeliest last
};

// How far each session is says everything: a value that is still to be read is never overwritten.
class Walk {
 public:
  Walk(const History& history, const Memory& memory, const View& view, const Budget& budget)
      : memory_(memory),
        view_(view),
        budget_(budget),
        sessions_(memory.sessions),
        places_(memory.sessions, 0),
        settled_ns_(memory.all.size(), kNever),
        held_(memory.keys, kNone),
        readers_(memory.all.size(), 0),
        initial_readers_(memory.keys, 0) {
    for (std::uint32_t i = 0; i < memory.all.size(); ++i) {
      const Access& access = memory.all[i];
      const std::int64_t return_ns = history.operations[access.operation].return_ns;
      sessions_[access.session].push_back(i);
      settled_ns_[i] = std::min(settled_ns_[i], return_ns);
      if (access.from != kNone) settled_ns_[access.from] = std::min(settled_ns_[access.from], return_ns);
      if (access.write) continue;
      ++(access.from == kNone ? initial_readers_[access.key] : readers_[access.from]);
    }
  }

  OneOrder run() {
    while (true) {
      take_reads();
      if (order_.size() == memory_.all.size()) return {Linearizable::yes, std::move(order_), explored_};
      if (spent()) return {Linearizable::unknown, {}, explored_};
      Branch branch{order_.size(), writes_that_may_follow()};
      if (branch.writes.size() > 1 && !remember()) branch.writes.clear();
      branches_.push_back(std::move(branch));
      if (!advance()) return {Linearizable::no, {}, explored_};
    }
  }

 private:
  bool spent() {
    ++explored_;
    return explored_ > budget_.configurations_per_key || bytes_ > budget_.bytes_per_key ||
           (explored_ % 1024 == 0 && budget_.give_up && budget_.give_up());
  }

  // False: this has been tried before.
  bool remember() {
    if (!tried_.insert(places_).second) return false;
    bytes_ += places_.size() * sizeof(std::uint32_t) + 2 * sizeof(Configuration);
    return true;
  }

  std::uint32_t next(std::uint32_t session) const {
    const auto& all = sessions_[session];
    return places_[session] < all.size() ? all[places_[session]] : kNone;
  }
  bool may_follow(std::uint32_t access) const {
    const auto past = view_.past(access);
    const Access& self = memory_.all[access];
    for (std::uint32_t s = 0; s < past.size(); ++s)
      if (past[s] > places_[s] + (s == self.session ? 1U : 0U)) return false;
    return true;
  }
  std::uint32_t& readers_left(std::uint32_t key, std::uint32_t write) {
    return write == kNone ? initial_readers_[key] : readers_[write];
  }

  // A read changes nothing, so one that fits goes first.
  void take_reads() {
    for (bool more = true; more;) {
      more = false;
      for (std::uint32_t s = 0; s < sessions_.size(); ++s)
        for (std::uint32_t access = next(s); access != kNone; access = next(s)) {
          const Access& read = memory_.all[access];
          if (read.write || held_[read.key] != read.from || !may_follow(access)) break;
          take(access);
          more = true;
        }
    }
  }

  std::vector<std::uint32_t> writes_that_may_follow() {
    std::vector<std::uint32_t> writes;
    for (std::uint32_t s = 0; s < sessions_.size(); ++s) {
      const std::uint32_t access = next(s);
      if (access == kNone || !memory_.all[access].write) continue;
      const std::uint32_t key = memory_.all[access].key;
      if (readers_left(key, held_[key]) == 0 && may_follow(access)) writes.push_back(access);
    }
    std::sort(writes.begin(), writes.end(),
              [&](std::uint32_t a, std::uint32_t b) { return settled_ns_[a] > settled_ns_[b]; });
    return writes;
  }

  void take(std::uint32_t access) {
    const Access& self = memory_.all[access];
    ++places_[self.session];
    if (self.write) {
      replaced_.push_back(held_[self.key]);
      held_[self.key] = access;
    } else {
      --readers_left(self.key, self.from);
    }
    order_.push_back(access);
  }

  void take_back() {
    const Access& self = memory_.all[order_.back()];
    order_.pop_back();
    --places_[self.session];
    if (self.write) {
      held_[self.key] = replaced_.back();
      replaced_.pop_back();
    } else {
      ++readers_left(self.key, self.from);
    }
  }

  // Goes on with the next write of the last branch that has one. False: none is left.
  bool advance() {
    while (!branches_.empty()) {
      Branch& branch = branches_.back();
      while (order_.size() > branch.length) take_back();
      if (branch.writes.empty()) {
        branches_.pop_back();
        continue;
      }
      const std::uint32_t write = branch.writes.back();
      branch.writes.pop_back();
      take(write);
      return true;
    }
    return false;
  }

  const Memory& memory_;
  const View& view_;
  const Budget& budget_;
  std::vector<std::vector<std::uint32_t>> sessions_;      // accesses, by place
  Configuration places_;                                  // how many of each session are in the order
  std::vector<std::int64_t> settled_ns_;                  // of writes: when they or a read of them returned first
  std::vector<std::uint32_t> held_;                       // by key: the write whose value it has
  std::vector<std::uint32_t> readers_, initial_readers_;  // by write, by key: reads of it that are still to come
  std::vector<std::uint32_t> order_, replaced_;
  std::vector<Branch> branches_;
  boost::unordered_flat_set<Configuration, HashConfiguration> tried_;
  std::uint64_t explored_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

OneOrder find_one_order(const History& history, const Memory& memory, const View& view, const Budget& budget) {
  return Walk(history, memory, view, budget).run();
}

}  // namespace fracas::checker::weak
