#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "checker/history/fail_means.h"
#include "checker/history/history.h"
#include "checker/streaming/frontier.h"
#include "checker/verdict.h"
#include "lib/base/result.h"
#include "lib/model/history.h"

namespace fracas::checker {

struct StreamOptions {
  bool cas = false;  // whether there is a compare-and-set
  FailMeans fail = FailMeans::did_not_happen;
  std::string initial = "nil";                 // what every key holds at first: a whole number, nil, or else a text
  std::uint64_t configurations_max = 200'000;  // explored for one key at a time, before it is given up
  std::size_t stretch = 64;                    // operations of a key that are looked at together
};

// One event of a growing history. `process` is borrowed for the call.
struct StreamEvent {
  std::int64_t time_ns = 0;
  model::EventType type = model::EventType::invoke;
  Function function = Function::read;
  std::string_view process;
  Value key;  // of Stream::values(), as is `value`
  Value value;
  bool mismatch = false;  // as EventRow::mismatch
};

// An event of our own histories.
StreamEvent stream_event(const model::Event& event, Values& values);

// Judges registers (with compare-and-set or without) while their history grows, with the verdict of a check of the
// whole history up to the same place. Of what was looked at, only what each key may hold stays (frontier.h), so memory
// is bounded by the number of keys and by the operations since the oldest one that is still open, not by the length: an
// operation's answer must be known before what happened meanwhile can be judged. One that ends in `info` is known, and
// costs some 200 bytes from then on if it may have changed something, until an answer shows that it did.
// Thread: one at a time. Source: expansion.h, breadth_first.h.
class Stream {
 public:
  explicit Stream(StreamOptions options);

  // Where the texts and lists of the next event are put. They are gone after add().
  Values& values() { return values_; }
  // Judges what is due. An event after a violation changes nothing. ERRORS, without the event's place: those of
  // HistoryBuilder::add, and an operation that is not of the model.
  Result<void> add(const StreamEvent& event);
  // Judges all that can be, of every key.
  void catch_up();
  // The history is over: what is open stays so.
  void finish();

  // `pass`: so far, as far as was looked. `undecided`: some key was given up; the others are followed all the same.
  Verdict verdict() const;
  // Of the first violation that was found, in words and operations: those around it that are still known.
  const std::optional<CheckResult>& violation() const { return violation_; }

  std::uint64_t operations() const { return operations_; }  // invoked
  std::size_t keys() const { return keys_.size(); }
  std::size_t keys_given_up() const { return given_up_; }
  std::uint64_t explored() const { return explored_; }
  std::size_t bytes() const;  // held, about

 private:
  struct Waiting {
    StreamedCall call;
    model::EventType type = model::EventType::invoke;  // how it ended; invoke: it is open
  };
  struct Key {
    explicit Key(Value initial) : frontier(initial) {}
    Frontier frontier;
    std::deque<Waiting> waiting;  // operations that no stretch held yet, by invocation
    std::uint64_t passed = 0;     // operations before them
    std::size_t look_at = 0;      // so many are waiting when it is worth while to look again
    bool given_up = false;
  };
  struct Open {
    Key* key = nullptr;
    Value name;                // the key's
    std::uint64_t number = 0;  // the operation's, of the key
    Function function = Function::read;
  };

  Result<void> invoke(const StreamEvent& event);
  Result<void> complete(const StreamEvent& event);
  Result<void> ask(const StreamEvent& event, StreamedCall& call) const;
  void answer(const StreamEvent& event, Waiting& operation) const;
  void look(Key& key, Value name);
  std::int64_t known_until(const Key& key) const;
  std::vector<StreamedCall> take_until(Key& key, std::int64_t until_ns) const;
  void renew_values();

  StreamOptions options_;
  Values values_;
  Value initial_;
  std::unordered_map<Value, std::unique_ptr<Key>> keys_;
  std::unordered_map<std::string, Open> open_;  // by process
  std::int64_t first_ns_ = 0;
  std::int64_t now_ns_ = std::numeric_limits<std::int64_t>::min();
  bool finished_ = false;
  std::size_t values_bytes_max_ = std::size_t{1} << 20U;
  std::uint64_t operations_ = 0;
  std::uint64_t explored_ = 0;
  std::size_t given_up_ = 0;
  std::optional<CheckResult> violation_;
};

}  // namespace fracas::checker
