#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "checker/models/sequential_model.h"

// The states of a sequential model as small numbers: what the engines work on.
namespace fracas::checker {

using State = std::uint32_t;
inline constexpr State kNoState = std::numeric_limits<std::uint32_t>::max();  // the call cannot happen there

// Remembers where each call leads from each state: open addressing, at most half full.
class TransitionTable {
 public:
  // The state that was put there, or nothing.
  const State* find(State from, std::uint32_t call) const;
  void put(State from, std::uint32_t call, State to);
  // Held, and what the next few additions will add: to grow it needs the old and the new one at once.
  std::size_t bytes() const {
    return slots_.capacity() * sizeof(Slot) * (2 * (count_ + kAhead) > slots_.size() ? 3 : 1);
  }

 private:
  static constexpr std::uint64_t kEmpty = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::size_t kAhead = 64;
  struct Slot {
    std::uint64_t key = kEmpty;
    State to = kNoState;
  };
  static std::uint64_t key_of(State from, std::uint32_t call) { return std::uint64_t{from} << 32U | call; }
  std::size_t place_of(std::uint64_t key) const;

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

// The states of one group of operations, numbered by first use; 0 is the initial one. Grows as it is asked.
// Thread: one at a time.
class StateSpace {
 public:
  virtual ~StateSpace() = default;

  // The state after call number `call` (of the list it was made with) in `from`; kNoState where it does not fit there.
  State step(State from, std::uint32_t call) {
    if (const State* known = table_.find(from, call)) return *known;
    const State to = compute(from, call);
    table_.put(from, call, to);
    return to;
  }
  std::size_t bytes() const { return table_.bytes() + state_bytes(); }
  // What is held in `state`, for people: "[1 2]"; empty where the model has no words for it.
  virtual std::string describe(State state) const = 0;

 private:
  virtual State compute(State from, std::uint32_t call) = 0;
  virtual std::size_t state_bytes() const = 0;

  TransitionTable table_;
};

template <SequentialModel Model>
class InternedStates final : public StateSpace {
 public:
  InternedStates(const Model& model, std::vector<ModelCall> calls) : model_(model), calls_(std::move(calls)) {
    intern(model_.initial());
  }

  std::string describe(State state) const override {
    if constexpr (requires { model_.describe(*states_[state]); }) return model_.describe(*states_[state]);
    return {};
  }

 private:
  struct Hash {
    std::size_t operator()(const typename Model::State& state) const noexcept { return hash_of(state); }
  };

  State compute(State from, std::uint32_t call) override {
    typename Model::State state = *states_[from];
    return model_.apply(calls_[call], state) ? intern(std::move(state)) : kNoState;
  }
  std::size_t state_bytes() const override { return bytes_; }

  State intern(typename Model::State state) {
    const auto [found, fresh] = ids_.try_emplace(std::move(state), static_cast<State>(states_.size()));
    if (fresh) {
      states_.push_back(&found->first);
      bytes_ += sizeof(typename Model::State) + heap_bytes_of(found->first) + kNodeBytes;
    }
    return found->second;
  }

  static constexpr std::size_t kNodeBytes = 48;  // of the map, about
  Model model_;
  std::vector<ModelCall> calls_;
  std::unordered_map<typename Model::State, State, Hash> ids_;
  std::vector<const typename Model::State*> states_;  // keys of ids_, which do not move
  std::size_t bytes_ = 0;
};

}  // namespace fracas::checker
