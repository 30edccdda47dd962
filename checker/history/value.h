#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>

namespace fracas::checker {

// One value of a history, in eight bytes: nothing, a boolean, an integer of 60 bits, or a reference to a text, a number
// of another form, a list or a map that the history's `Values` holds. Everything is interned there, so two values of
// one history are equal exactly when their bits are; values of two histories must not be compared.
class Value {
 public:
  enum class Kind : std::uint8_t { nil, boolean, integer, number, text, list, map };

  static constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 59) - 1;
  static constexpr std::int64_t kIntegerMin = -(std::int64_t{1} << 59);

  constexpr Value() = default;
  static constexpr Value of(bool value) { return Value(Kind::boolean, value ? 1 : 0); }
  // REQUIRES: kIntegerMin <= value <= kIntegerMax. Larger ones are numbers: Values::integer() takes any.
  static constexpr Value of(std::int64_t value) { return Value(Kind::integer, static_cast<std::uint64_t>(value)); }

  constexpr Kind kind() const { return static_cast<Kind>(bits_ & 15U); }
  constexpr bool is_nil() const { return bits_ == 0; }
  constexpr bool is(Kind kind) const { return this->kind() == kind; }
  // REQUIRES: kind() is integer.
  constexpr std::int64_t integer() const { return static_cast<std::int64_t>(bits_) >> 4U; }
  // REQUIRES: kind() is boolean.
  constexpr bool boolean() const { return (bits_ >> 4U) != 0; }
  constexpr std::uint64_t bits() const { return bits_; }

  // By bits: an arbitrary but fixed order, for sets and sorting.
  friend constexpr auto operator<=>(Value, Value) = default;

 private:
  friend class Values;
  constexpr Value(Kind kind, std::uint64_t payload) : bits_((payload << 4U) | static_cast<std::uint64_t>(kind)) {}
  constexpr std::uint32_t index() const { return static_cast<std::uint32_t>(bits_ >> 4U); }

  std::uint64_t bits_ = 0;  // the low four are the kind
};
static_assert(sizeof(Value) == 8);

}  // namespace fracas::checker

template <>
struct std::hash<fracas::checker::Value> {
  std::size_t operator()(fracas::checker::Value value) const noexcept {
    const std::uint64_t mixed = value.bits() * 0x9E3779B97F4A7C15U;
    return mixed ^ (mixed >> 29U);
  }
};
