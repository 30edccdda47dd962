#include "checker/structures/log_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

#include "checker/history/value_numbers.h"
#include "checker/structures/offsets.h"

namespace fracas::checker {
namespace {

struct Entry {
  std::int64_t offset = 0;
  Value value;
  std::uint32_t append = kNone;
  std::uint32_t polled_by = kNone;  // of those that read it, the one that returned first
  std::uint32_t witness = kNone;    // who says that the value is here
};

struct Pair {
  std::int64_t offset;
  Value value;
};

std::optional<Pair> pair_of(const History& history, Value value) {
  if (!value.is(Value::Kind::list)) return std::nullopt;
  const auto elements = history.values.elements_of(value);
  if (elements.size() != 2 || !elements[0].is(Value::Kind::integer)) return std::nullopt;
  return Pair{elements[0].integer(), elements[1]};
}

class Log {
 public:
  Log(const History& history, std::size_t operations)
      : history_(history), values_(operations), positions_(history.processes.size(), Position{kNowhere}) {}

  Result<void> note(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    if (operation.outcome == Outcome::fail) return {};
    if (operation.function == Function::append) {
      const std::uint32_t number = values_.of(operation.argument);
      if (number == appends_.size()) {
        appends_.push_back(index);
      } else {
        ++repeated_[operation.argument];
      }
      return operation.outcome == Outcome::ok ? acknowledged(index) : Result<void>{};
    }
    if (operation.function != Function::poll)
      return failure(fmt::format("event {}: {} is not a function of a log (append, poll)", operation.invoke + 1,
                                 history_.functions.name(operation.function)));
    polls_.push_back(index);
    return {};
  }

  Result<LogFindings> examine() {
    for (const std::uint32_t poll : polls_) {
      reads_begin_.push_back(offsets_read_.size());
      if (auto read = polled(poll); !read) return failure(std::move(read).error());
    }
    reads_begin_.push_back(offsets_read_.size());
    sort_entries();
    find_duplicates();
    order_entries();
    for (std::size_t i = 0; i < polls_.size(); ++i)
      follow(polls_[i], std::span(offsets_read_).subspan(reads_begin_[i], reads_begin_[i + 1] - reads_begin_[i]));
    count();
    return std::move(findings_);
  }

 private:
  const Operation& operation(std::uint32_t index) const { return history_.operations[index]; }
  std::string text(Value value) const { return history_.describe(value); }

  void report(LogFault fault, std::string sentence, std::vector<std::uint32_t> proof) {
    std::erase(proof, kNone);
    findings_.faults.push_back({fault, std::move(sentence), std::move(proof)});
  }

  Result<void> acknowledged(std::uint32_t index) {
    ++findings_.appended;
    const Value result = operation(index).result;
    if (result.is(Value::Kind::integer)) {
      place({result.integer(), operation(index).argument}, index);
    } else if (const auto pair = pair_of(history_, result)) {
      place({pair->offset, operation(index).argument}, index);
    } else if (!result.is_nil() && result != operation(index).argument) {
      return failure(fmt::format("event {}: {} is not an offset", operation(index).completion + 1, text(result)));
    }
    return {};
  }

  void place(const Pair& pair, std::uint32_t index) {
    const std::uint32_t number = offsets_.of(pair.offset);
    const bool fresh = number == entries_.size();
    if (fresh) entries_.emplace_back();
    Entry& entry = entries_[number];
    if (!fresh && entry.value != pair.value)
      return report(LogFault::inconsistent,
                    fmt::format("offset {} holds {} and {}", pair.offset, text(entry.value), text(pair.value)),
                    {entry.witness, index});
    if (fresh) entry = {pair.offset, pair.value, kNone, kNone, index};
    if (operation(index).function == Function::append) {
      if (entry.append != kNone)
        return report(LogFault::inconsistent, fmt::format("two appends were told offset {}", pair.offset),
                      {entry.append, index});
      entry.append = index;
    } else if (entry.polled_by == kNone || operation(index).return_ns < operation(entry.polled_by).return_ns) {
      entry.polled_by = index;
    }
  }

  Result<void> polled(std::uint32_t index) {
    const Value result = operation(index).result;
    if (operation(index).outcome != Outcome::ok || result.is_nil()) return {};
    const bool list = result.is(Value::Kind::list);
    for (const Value element : list ? history_.values.elements_of(result) : std::span<const Value>{}) {
      const auto pair = pair_of(history_, element);
      if (!pair)
        return failure(
            fmt::format("event {}: {} is not an [offset value] pair", operation(index).completion + 1, text(element)));
      offsets_read_.push_back(pair->offset);
      if (!is_appended(*pair))
        report(LogFault::phantom,
               fmt::format("a poll read {} at offset {}, which nothing appended", text(pair->value), pair->offset),
               {index});
      else
        place(*pair, index);
    }
    if (!list) return failure(fmt::format("event {}: {} is not a list", operation(index).completion + 1, text(result)));
    return {};
  }

  bool is_appended(const Pair& pair) {
    if (const std::uint32_t number = offsets_.find(pair.offset); number != kNone)
      if (entries_[number].append != kNone && entries_[number].value == pair.value) return true;
    return values_.find(pair.value) != kNone;
  }

  // From here on they are upwards.
  void sort_entries() {
    LargeVector<Entry> sorted;
    sorted.reserve(entries_.size());
    for (const Offsets::Place& place : offsets_.ascending()) sorted.push_back(entries_[place.number]);
    entries_ = std::move(sorted);
  }
  auto first_from(std::int64_t offset) const {
    return std::lower_bound(entries_.begin(), entries_.end(), offset,
                            [](const Entry& entry, std::int64_t at) { return entry.offset < at; });
  }

  // Also finds out which append wrote what only polls know.
  void find_duplicates() {
    struct Seen {
      std::uint32_t first = kNone;  // the entry
      std::size_t more = 0;
    };
    std::vector<Seen> seen(values_.count());  // by value
    for (std::uint32_t i = 0; i < entries_.size(); ++i) {
      Entry& entry = entries_[i];
      const std::uint32_t value = values_.find(entry.value);
      const auto repeated = repeated_.empty() ? repeated_.end() : repeated_.find(entry.value);
      if (repeated != repeated_.end()) {
        findings_.ambiguous = findings_.ambiguous || entry.append == kNone;
      } else if (entry.append == kNone) {
        entry.append = appends_[value];
      }
      Seen& known = seen[value];
      if (known.first == kNone) {
        known.first = i;
      } else if (++known.more > (repeated == repeated_.end() ? 0 : repeated->second)) {
        const Entry& first = entries_[known.first];
        report(LogFault::duplicate,
               fmt::format("{} is at offsets {} and {}", text(entry.value), first.offset, entry.offset),
               {entry.append, first.witness, entry.witness});
      }
    }
  }

  // Upwards, each append as early as it can be: after its own beginning, and that of all below it.
  void order_entries() {
    std::uint32_t latest = kNone;  // the append below or here that began last
    std::uint32_t placed = kNone;  // who says that it is there
    for (const Entry& entry : entries_) {
      if (entry.append != kNone && (latest == kNone || operation(entry.append).invoke_ns > operation(latest).invoke_ns))
        latest = entry.append, placed = entry.witness;
      if (latest == kNone) continue;
      const std::int64_t earliest = operation(latest).invoke_ns;
      if (entry.append != kNone && operation(entry.append).return_ns < earliest)
        report(LogFault::reordered,
               fmt::format("{} was appended before {}, but is after it in the log, at offset {}", text(entry.value),
                           text(operation(latest).argument), entry.offset),
               {entry.append, latest, placed, entry.witness});
      if (entry.polled_by != kNone && operation(entry.polled_by).return_ns < earliest)
        report(LogFault::future,
               fmt::format("a poll read offset {} before the append of {}, which is {}, began", entry.offset,
                           text(operation(latest).argument), latest == entry.append ? "there" : "below it"),
               {entry.polled_by, latest, placed, entry.append == latest ? kNone : entry.append});
    }
  }

  static constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::min();

  // Where a process goes on reading.
  struct Position {
    std::int64_t next = 0;       // the offset
    std::uint32_t poll = kNone;  // that said so
    bool known = true;           // false: it may have gone elsewhere, now or later, without having seen an answer
  };

  // A poll reads upwards from where it begins, and leaves out nothing that is there.
  void follow(std::uint32_t index, std::span<const std::int64_t> read) {
    const Operation& poll = operation(index);
    Position& position = positions_[poll.process];
    if (poll.outcome != Outcome::ok) position.known = false;
    if (poll.outcome != Outcome::ok || poll.result.is_nil()) return;
    std::optional<Position> at;
    if (poll.argument.is(Value::Kind::integer))
      at = Position{poll.argument.integer()};
    else if (position.known && position.next != kNowhere)
      at = position;
    for (const std::int64_t offset : read) {
      if (at) step(index, *at, offset);
      at = Position{offset + 1};
    }
    if (!at) return;
    position.next = at->next;
    position.poll = index;
  }

  void step(std::uint32_t index, const Position& at, std::int64_t offset) {
    if (offset < at.next)
      report(LogFault::backwards, fmt::format("a poll read offset {} though it was at {}", offset, at.next),
             {at.poll, index});
    if (offset <= at.next) return;
    const auto left_out = first_from(at.next);
    if (left_out != entries_.end() && left_out->offset < offset)
      report(LogFault::skipped,
             fmt::format("a poll read offset {} and left out {} at offset {}", offset, text(left_out->value),
                         left_out->offset),
             {at.poll, index, left_out->witness});
  }

  void count() {
    std::uint32_t reader = kNone;  // of the greatest offset that was read
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    for (const Entry& entry : entries_) {
      if (entry.polled_by == kNone) continue;
      last = entry.offset;
      reader = entry.polled_by;
    }
    for (const Entry& entry : entries_) {
      findings_.polled += entry.polled_by != kNone ? 1 : 0;
      if (entry.polled_by != kNone || entry.offset >= last) continue;
      if (findings_.unread++ > 0) continue;
      findings_.lost = fmt::format("{} was acknowledged at offset {}, and polls read up to {}, but none read it",
                                   text(entry.value), entry.offset, last);
      findings_.lost_proof = {entry.witness, reader};
    }
  }

  const History& history_;
  Offsets offsets_;
  LargeVector<Entry> entries_;                       // by number of the offset; later by offset
  ValueNumbers values_;                              // that were appended
  std::vector<std::uint32_t> appends_;               // by value: the first
  std::unordered_map<Value, std::size_t> repeated_;  // by value: how many more appends of it there are
  std::vector<std::uint32_t> polls_;
  LargeVector<std::int64_t> offsets_read_;  // by all polls, one after the other
  std::vector<std::size_t> reads_begin_;    // by poll, and the end
  std::vector<Position> positions_;         // by process
  LogFindings findings_;
};

}  // namespace

std::string_view name(LogFault fault) {
  constexpr std::string_view kNames[]{"phantom",   "inconsistent", "duplicate", "future",
                                      "reordered", "backwards",    "skipped"};
  return kNames[static_cast<std::size_t>(fault)];
}

Result<LogFindings> examine_log(const History& history, std::span<const std::uint32_t> operations) {
  Log log(history, operations.size());
  for (const std::uint32_t index : operations)
    if (auto noted = log.note(index); !noted) return failure(std::move(noted).error());
  return log.examine();
}

}  // namespace fracas::checker
