#include "checker/weak/guarantees.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "checker/explain/text.h"

namespace fracas::checker::weak {
namespace {

// Accesses by process, in its order.
std::vector<std::vector<std::uint32_t>> by_process(const Memory& memory) {
  std::vector<std::vector<std::uint32_t>> all(memory.processes);
  for (std::uint32_t i = 0; i < memory.all.size(); ++i) all[memory.all[i].process].push_back(i);
  return all;
}

std::string text(const History& history, const Memory& memory, std::uint32_t access) {
  return describe_access(history, memory.all[access]);
}

void add_source(const Memory& memory, std::uint32_t read, std::vector<std::uint32_t>& accesses) {
  accesses.push_back(read);
  if (memory.all[read].from != kNone) accesses.push_back(memory.all[read].from);
}

// What one process has seen of a key: where each value was left behind.
class Going {
 public:
  Going(const History& history, const Memory& memory) : history_(history), memory_(memory) {}

  Breach next(std::uint32_t read) {
    const Access& self = memory_.all[read];
    const auto [last, first] = last_.try_emplace(self.key, read);
    if (first) {
      if (self.from != kNone) left_[place(self.key, kNone)] = {kNone, read};
      return {};
    }
    const std::uint32_t before = last->second;
    last->second = read;
    if (memory_.all[before].from == self.from) return {};
    left_.try_emplace(place(self.key, memory_.all[before].from), Left{before, read});
    const auto back = left_.find(place(self.key, self.from));
    if (back == left_.end()) return {};
    Breach breach;
    add_source(memory_, read, breach.accesses);
    add_source(memory_, back->second.by, breach.accesses);
    if (back->second.seen != kNone) breach.accesses.push_back(back->second.seen);
    breach.sentence =
        fmt::format("{} goes back behind {}", text(history_, memory_, read), text(history_, memory_, back->second.by));
    return breach;
  }

 private:
  struct Left {
    std::uint32_t seen = kNone;  // the read that saw the value; kNone: the initial one, which none saw
    std::uint32_t by = kNone;    // the read that saw another
  };
  static std::uint64_t place(std::uint32_t key, std::uint32_t from) { return std::uint64_t{key} << 32U | from; }

  const History& history_;
  const Memory& memory_;
  boost::unordered_flat_map<std::uint32_t, std::uint32_t> last_;  // by key: the last read
  boost::unordered_flat_map<std::uint64_t, Left> left_;           // by key and write
};

// What one process has seen of the others' writes: how far into each session.
class Arrivals {
 public:
  Arrivals(const History& history, const Memory& memory, const Writers& writers)
      : history_(history), memory_(memory), writers_(writers) {}

  Breach next(std::uint32_t read) {
    const Access& self = memory_.all[read];
    if (self.from != kNone) see(read, memory_.all[self.from]);
    for (const Writers::Group& group : writers_.of(self.key)) {
      const auto seen = seen_.find(group.session);
      if (seen == seen_.end()) continue;
      const std::uint32_t newest = writers_.last(group, seen->second.place);
      if (newest != kNone && replaces(newest, self.from)) return breach(read, newest, seen->second.shown_by);
    }
    return {};
  }

 private:
  struct Seen {
    std::uint32_t place = 0;
    std::uint32_t shown_by = kNone;  // a read
  };

  void see(std::uint32_t read, const Access& write) {
    raise(write.session, {write.place, read});
    if (write.optional && write.before != kNone)
      raise(memory_.all[write.before].session, {memory_.all[write.before].place, read});
  }
  void raise(std::uint32_t session, const Seen& seen) {
    Seen& known = seen_[session];
    if (seen.place > known.place) known = seen;
  }

  // Does a process's own order say that `newest` came after what was seen?
  bool replaces(std::uint32_t newest, std::uint32_t from) const {
    if (from == kNone) return true;
    const Access &later = memory_.all[newest], &earlier = memory_.all[from];
    if (newest == from || later.process != earlier.process || earlier.optional) return false;
    if (!later.optional) return later.place > earlier.place;
    return later.before != kNone && memory_.all[later.before].place >= earlier.place;
  }

  Breach breach(std::uint32_t read, std::uint32_t newest, std::uint32_t shown_by) const {
    Breach breach;
    add_source(memory_, read, breach.accesses);
    add_source(memory_, shown_by, breach.accesses);
    breach.accesses.push_back(newest);
    breach.sentence = fmt::format("{} misses {}", text(history_, memory_, read), text(history_, memory_, newest));
    if (memory_.all[shown_by].from != newest)
      breach.sentence +=
          fmt::format(", though {} showed what the same process wrote later", text(history_, memory_, shown_by));
    else
      breach.sentence += fmt::format(", which {} had shown", text(history_, memory_, shown_by));
    return breach;
  }

  const History& history_;
  const Memory& memory_;
  const Writers& writers_;
  boost::unordered_flat_map<std::uint32_t, Seen> seen_;  // by session
};

}  // namespace

std::string describe_access(const History& history, const Access& access) {
  const Operation& operation = history.operations[access.operation];
  ShownOperation shown = show(history, operation);
  if (!operation.key.is_nil()) shown.function += ' ' + key_text(history, operation.key);
  const std::string value = access.write ? shown.argument : shown.result;
  return fmt::format("{}'s {} {}", shown.client, shown.function, value);
}

Breach find_unread_own_write(const History& history, const Memory& memory) {
  for (const auto& accesses : by_process(memory)) {
    boost::unordered_flat_map<std::uint32_t, std::uint32_t> written;  // by key: the last write
    for (const std::uint32_t access : accesses) {
      const Access& self = memory.all[access];
      if (self.optional) continue;
      if (self.write) {
        written[self.key] = access;
        continue;
      }
      const auto own = written.find(self.key);
      if (own == written.end() || own->second == self.from) continue;
      const bool older = self.from == kNone || (memory.all[self.from].process == self.process &&
                                                !memory.all[self.from].optional && self.from < own->second);
      if (!older) continue;
      Breach breach{{access, own->second}, {}, false};
      if (self.from != kNone) breach.accesses.push_back(self.from);
      breach.sentence =
          fmt::format("{} misses {} before it", text(history, memory, access), text(history, memory, own->second));
      return breach;
    }
  }
  return {};
}

Breach find_read_going_back(const History& history, const Memory& memory) {
  for (const auto& accesses : by_process(memory)) {
    Going going(history, memory);
    for (const std::uint32_t access : accesses) {
      if (memory.all[access].write) continue;
      if (Breach breach = going.next(access); !breach.accesses.empty()) return breach;
    }
  }
  return {};
}

Breach find_write_out_of_order(const History& history, const Memory& memory, const Writers& writers) {
  for (const auto& accesses : by_process(memory)) {
    Arrivals arrivals(history, memory, writers);
    for (const std::uint32_t access : accesses) {
      if (memory.all[access].write) continue;
      if (Breach breach = arrivals.next(access); !breach.accesses.empty()) return breach;
    }
  }
  return {};
}

}  // namespace fracas::checker::weak
