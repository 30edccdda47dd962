#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>

#include "checker/weak/guarantees.h"
#include "lib/base/ensure.h"

namespace fracas::checker::weak {
namespace {

// What each read and write follows from, over reads alone: a process's earlier reads, and what those saw. Clocks say
// how many of each process's reads those are.
class ReadChains {
 public:
  ReadChains(const History& history, const Memory& memory)
      : history_(history),
        memory_(memory),
        read_before_(memory.all.size(), kNone),
        place_(memory.all.size(), 0),
        row_(memory.all.size(), kNone),
        first_reads_(memory.all.size()),
        chains_(memory.processes) {
    std::vector<std::uint32_t> last(memory.processes, kNone);
    for (std::uint32_t i = 0; i < memory.all.size(); ++i) {
      const Access& access = memory.all[i];
      read_before_[i] = last[access.process];
      if (access.write) continue;
      last[access.process] = i;
      row_[i] = rows_++;
      auto& chain = chains_[access.process];
      chain.push_back(i);
      place_[i] = static_cast<std::uint32_t>(chain.size());
      if (access.from != kNone) note_first_read(access.from, i);
    }
  }

  Breach find(std::size_t bytes) {
    if (std::size_t{rows_} * memory_.processes * 2 * sizeof(std::uint32_t) > bytes) return {{}, {}, true};
    pasts_.assign(std::size_t{rows_} * memory_.processes, 0);
    for (std::uint32_t i = 0; i < memory_.all.size(); ++i)
      if (!memory_.all[i].write && pasts_[cell(i, memory_.all[i].process)] == 0)
        if (Breach circle = reach(i); !circle.accesses.empty()) return circle;
    shown_ = std::vector<std::uint32_t>(pasts_.size(), 0);
    for (const auto& chain : chains_) gather(chain);
    for (std::uint32_t i = 0; i < memory_.all.size(); ++i)
      if (!memory_.all[i].write && misses(i)) return breach(i);
    return {};
  }

 private:
  std::size_t cell(std::uint32_t read, std::uint32_t process) const {
    return std::size_t{row_[read]} * memory_.processes + process;
  }
  void note_first_read(std::uint32_t write, std::uint32_t read) {
    auto& firsts = first_reads_[write];
    const bool known = std::any_of(firsts.begin(), firsts.end(), [&](std::uint32_t other) {
      return memory_.all[other].process == memory_.all[read].process;
    });
    if (!known) firsts.push_back(read);
  }
  // The reads that an access follows from directly; kNone where there is none.
  std::uint32_t source(std::uint32_t read, int which) const {
    if (which == 0) return read_before_[read];
    const std::uint32_t from = memory_.all[read].from;
    return from == kNone ? kNone : read_before_[from];
  }

  // Depth first, without recursion; a read is open while its own cell is 0 and it is on the stack.
  Breach reach(std::uint32_t read) {
    struct Visit {
      std::uint32_t read;
      int next;
    };
    std::vector<Visit> stack{{read, 0}};
    open_.resize(memory_.all.size());
    open_[read] = true;
    while (!stack.empty()) {
      Visit& top = stack.back();
      if (top.next == 2) {
        close(top.read);
        open_[top.read] = false;
        stack.pop_back();
        continue;
      }
      const std::uint32_t next = source(top.read, top.next++);
      if (next == kNone || pasts_[cell(next, memory_.all[next].process)] > 0) continue;
      if (open_[next]) {
        Breach circle;
        for (std::size_t i = stack.size(); i-- > 0 && (circle.accesses.empty() || stack[i + 1].read != next);)
          add(circle, stack[i].read);
        circle.sentence = fmt::format("{} saw what only followed from it", text(next));
        return circle;
      }
      open_[next] = true;
      stack.push_back({next, 0});
    }
    return {};
  }

  void close(std::uint32_t read) {
    for (int which = 0; which < 2; ++which)
      if (const std::uint32_t from = source(read, which); from != kNone) join(pasts_, read, pasts_, from);
    pasts_[cell(read, memory_.all[read].process)] = place_[read];
  }
  void join(std::vector<std::uint32_t>& to, std::uint32_t into, const std::vector<std::uint32_t>& of,
            std::uint32_t other) const {
    const std::size_t a = cell(into, 0), b = cell(other, 0);
    for (std::uint32_t p = 0; p < memory_.processes; ++p) to[a + p] = std::max(to[a + p], of[b + p]);
  }

  // shown_: what the writes to its key follow from that a read or an earlier one of its process saw.
  void gather(const std::vector<std::uint32_t>& chain) {
    boost::unordered_flat_map<std::uint32_t, std::uint32_t> last;  // by key
    for (const std::uint32_t read : chain) {
      const Access& self = memory_.all[read];
      if (self.from == kNone) continue;
      if (const auto before = last.find(self.key); before != last.end()) join(shown_, read, shown_, before->second);
      if (const std::uint32_t ground = read_before_[self.from]; ground != kNone) join(shown_, read, pasts_, ground);
      last[self.key] = read;
      reads_of_[{self.key, self.process}].push_back(read);
    }
  }

  bool follows(std::uint32_t write, std::span<const std::uint32_t> clock) const {
    return std::any_of(first_reads_[write].begin(), first_reads_[write].end(),
                       [&](std::uint32_t read) { return clock[memory_.all[read].process] >= place_[read]; });
  }
  std::span<const std::uint32_t> clock(const std::vector<std::uint32_t>& clocks, std::uint32_t read) const {
    return std::span(clocks).subspan(cell(read, 0), memory_.processes);
  }

  // Does the read follow from one that saw a newer write to its key?
  bool misses(std::uint32_t read) const {
    const Access& self = memory_.all[read];
    const auto past = clock(pasts_, read);
    for (std::uint32_t process = 0; process < memory_.processes; ++process) {
      const auto reads = reads_of_.find({self.key, process});
      if (reads == reads_of_.end()) continue;
      const auto after = std::partition_point(reads->second.begin(), reads->second.end(),
                                              [&](std::uint32_t other) { return place_[other] <= past[process]; });
      if (after == reads->second.begin()) continue;
      if (self.from == kNone || follows(self.from, clock(shown_, *(after - 1)))) return true;
    }
    return false;
  }

  std::string text(std::uint32_t access) const { return describe_access(history_, memory_.all[access]); }
  void add(Breach& breach, std::uint32_t access) const {
    breach.accesses.push_back(access);
    if (memory_.all[access].from != kNone) breach.accesses.push_back(memory_.all[access].from);
  }

  // The reads from `last` back to the first that `found` says yes to, and what they saw.
  template <typename Found>
  std::uint32_t trace(Breach& breach, std::uint32_t last, const Found& found) const {
    boost::unordered_flat_map<std::uint32_t, std::uint32_t> led;
    std::deque<std::uint32_t> queue{last};
    led[last] = kNone;
    while (!queue.empty() && !found(queue.front())) {
      const std::uint32_t at = queue.front();
      queue.pop_front();
      for (int which = 0; which < 2; ++which)
        if (const std::uint32_t next = source(at, which); next != kNone && led.try_emplace(next, at).second)
          queue.push_back(next);
    }
    if (queue.empty()) return kNone;
    for (std::uint32_t at = queue.front(); at != kNone; at = led[at]) add(breach, at);
    return queue.front();
  }

  Breach breach(std::uint32_t read) const {
    const Access& self = memory_.all[read];
    Breach breach;
    const std::uint32_t newer = trace(breach, read, [&](std::uint32_t at) {
      const Access& other = memory_.all[at];
      if (other.key != self.key || other.from == kNone || other.from == self.from) return false;
      const std::uint32_t ground = read_before_[other.from];
      return self.from == kNone || (ground != kNone && follows(self.from, clock(pasts_, ground)));
    });
    ensure(newer != kNone, "a read that misses a write follows from one that saw it");
    const std::uint32_t write = memory_.all[newer].from;
    if (self.from != kNone)
      trace(breach, read_before_[write], [&](std::uint32_t at) { return memory_.all[at].from == self.from; });
    breach.sentence = fmt::format("{} misses {}, though it follows from {}", text(read), text(write), text(newer));
    return breach;
  }

  const History& history_;
  const Memory& memory_;
  std::uint32_t rows_ = 0;
  std::vector<std::uint32_t> read_before_;               // by access: the last read of its process before it
  std::vector<std::uint32_t> place_, row_;               // of reads: from 1, among those of its process
  std::vector<std::vector<std::uint32_t>> first_reads_;  // by write: the first read of each process that saw it
  std::vector<std::vector<std::uint32_t>> chains_;       // by process
  std::vector<std::uint32_t> pasts_, shown_;             // clocks, by row
  std::vector<bool> open_;
  boost::unordered_flat_map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>>
      reads_of_;  // by key and process; none of the initial value
};

}  // namespace

Breach find_write_before_its_reads(const History& history, const Memory& memory, std::size_t bytes) {
  return ReadChains(history, memory).find(bytes);
}

}  // namespace fracas::checker::weak
