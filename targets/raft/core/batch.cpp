// Batches: all of their steps at one moment, or none.
#include <map>
#include <utility>

#include "targets/raft/core/kv_store.h"

namespace fracas::raft {
namespace {

// What a key would hold after some steps, as far as the next ones can fail of it.
struct Held {
  std::size_t kind = 0;  // Value::index()
  std::size_t items = 0;
};

Held held(const Value& value) {
  const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
  return {value.index(), list == nullptr ? 0 : list->size()};
}

constexpr std::size_t kNothing = 0;
constexpr std::size_t kNumber = 1;
constexpr std::size_t kList = 2;
constexpr std::uint64_t kStepBytes = 64;  // what a step may add besides its key, roughly

}  // namespace

// Whether every step can be done. Nothing is changed, so nothing has to be undone.
ReplyStatus KvStore::check(const Batch& batch) const {
  for (const Requirement& each : batch.requirements)
    if (read(each.key) != each.value) return ReplyStatus::mismatch;
  std::map<std::string, Held> holds;
  std::uint64_t grown = state_bytes_;
  std::size_t shown = 0;  // list items that reads show
  for (const Step& step : batch.steps) {
    Held& now = holds.try_emplace(step.key, held(read(step.key))).first->second;
    if (step.kind == Step::Kind::read) shown += now.items;
    if (step.kind == Step::Kind::remove) now = {};
    if (step.kind == Step::Kind::put) {
      if (now.kind == kList) return ReplyStatus::wrong_type;
      now.kind = kNumber;
    }
    if (step.kind == Step::Kind::append) {
      if (now.kind == kNumber) return ReplyStatus::wrong_type;
      now = {kList, now.kind == kNothing ? 1 : now.items + 1};
    }
    if (step.kind == Step::Kind::put || step.kind == Step::Kind::append) grown += step.key.size() + kStepBytes;
    if (now.items > limits_.list_items_max) return ReplyStatus::full;
  }
  return grown > limits_.state_bytes_max || shown > limits_.list_items_max ? ReplyStatus::full : ReplyStatus::ok;
}

ReplyStatus KvStore::batch(const Batch& batch, std::vector<Value>& readings) {
  if (const ReplyStatus possible = check(batch); possible != ReplyStatus::ok) return possible;
  for (const Step& step : batch.steps) {
    switch (step.kind) {
      case Step::Kind::read:
        readings.push_back(read(step.key));
        break;
      case Step::Kind::put:
        set_number(step.key, step.value);
        break;
      case Step::Kind::append:
        append(step.key, step.value);
        break;
      case Step::Kind::remove:
        remove(step.key);
        break;
    }
  }
  return ReplyStatus::ok;
}

std::vector<Value> KvStore::readings(const Command& command) const {
  if (!std::holds_alternative<Batch>(command.operation)) return {};
  return sessions_.readings(command.client);
}

}  // namespace fracas::raft
