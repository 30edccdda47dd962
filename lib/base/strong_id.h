#pragma once
#include <compare>
#include <cstddef>
#include <functional>
#include <utility>

namespace fracas {

// A value that may not be mixed up with another of the same raw type: `using Term = StrongId<struct TermTag,
// uint64_t>`.
template <typename Tag, typename Raw>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(Raw value) : value_(std::move(value)) {}
  constexpr const Raw& value() const { return value_; }
  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  Raw value_{};
};

}  // namespace fracas

template <typename Tag, typename Raw>
struct std::hash<fracas::StrongId<Tag, Raw>> {
  std::size_t operator()(const fracas::StrongId<Tag, Raw>& id) const noexcept { return std::hash<Raw>{}(id.value()); }
};
