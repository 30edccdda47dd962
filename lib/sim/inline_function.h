#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace fracas::sim {

// What std::function does for a callable that is moved and never copied, without asking the heap for memory: a
// simulated second is some thousand of them. A callable larger than `Capacity` bytes does not compile.
template <typename Signature, std::size_t Capacity>
class InlineFunction;

template <typename Result, typename... Arguments, std::size_t Capacity>
class InlineFunction<Result(Arguments...), Capacity> {
 public:
  InlineFunction() = default;
  template <typename Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, InlineFunction>) InlineFunction(Callable&& callable) {
    hold(std::forward<Callable>(callable));
  }
  InlineFunction(InlineFunction&& other) noexcept { take(other); }
  InlineFunction& operator=(InlineFunction&& other) noexcept {
    if (this == &other) return *this;
    clear();
    take(other);
    return *this;
  }
  ~InlineFunction() { clear(); }

  // Takes the callable in place of what it holds.
  template <typename Callable>
  void emplace(Callable&& callable) {
    clear();
    hold(std::forward<Callable>(callable));
  }
  // Holds nothing from then on.
  void clear() {
    if (actions_ != nullptr) std::exchange(actions_, nullptr)->destroy(bytes_);
  }

  // REQUIRES: it holds a callable.
  Result operator()(Arguments... arguments) { return actions_->call(bytes_, std::forward<Arguments>(arguments)...); }

 private:
  struct Actions {
    Result (*call)(void*, Arguments&&...);
    void (*move)(void* from, void* to);  // leaves nothing behind
    void (*destroy)(void*);
  };
  template <typename Held>
  static constexpr Actions kActions{[](void* held, Arguments&&... arguments) -> Result {
                                      return (*static_cast<Held*>(held))(std::forward<Arguments>(arguments)...);
                                    },
                                    [](void* from, void* to) {
                                      ::new (to) Held(std::move(*static_cast<Held*>(from)));
                                      std::destroy_at(static_cast<Held*>(from));
                                    },
                                    [](void* held) { std::destroy_at(static_cast<Held*>(held)); }};

  template <typename Callable>
  void hold(Callable&& callable) {
    using Held = std::remove_cvref_t<Callable>;
    static_assert(sizeof(Held) <= Capacity, "the callable is too large");
    static_assert(alignof(Held) <= alignof(std::max_align_t) && std::is_nothrow_move_constructible_v<Held>);
    ::new (static_cast<void*>(bytes_)) Held(std::forward<Callable>(callable));
    actions_ = &kActions<Held>;
  }
  void take(InlineFunction& other) {
    actions_ = std::exchange(other.actions_, nullptr);
    if (actions_ != nullptr) actions_->move(other.bytes_, bytes_);
  }

  alignas(std::max_align_t) std::byte bytes_[Capacity];
  const Actions* actions_ = nullptr;
};

}  // namespace fracas::sim
