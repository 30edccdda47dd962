#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/value.h"

namespace fracas::checker {

// Holds what the values of one history refer to; equal texts and equal lists are stored once.
// Thread: reading from any; interning only while nobody else reads.
class Values {
 public:
  Values();
  ~Values();
  Values(Values&&) noexcept;
  Values& operator=(Values&&) noexcept;

  Value text(std::string_view text);
  // Any 64-bit integer: inline where it fits, else a number of its digits.
  Value integer(std::int64_t value);
  // A number that is no integer, or too large for one, by its spelling.
  Value number(std::string_view spelling);
  Value list(std::span<const Value> elements);
  // Keys and values by turns, in the order given. REQUIRES: an even count.
  Value map(std::span<const Value> keys_and_values);

  // What `value` is in `other`, here.
  Value adopt(const Values& other, Value value);

  // The text where this history has it. O(texts).
  std::optional<Value> find_text(std::string_view text) const;

  // REQUIRES: `value` is a text or a number of this history. Valid as long as this object.
  std::string_view text_of(Value value) const;
  // REQUIRES: `value` is a list or a map of this history. Valid until the next interning.
  std::span<const Value> elements_of(Value value) const;

  // For people and messages, as JSON writes it: nil, 3, "a", [1 2], {1 10, 2 20} in the brief form of EDN.
  std::string describe(Value value) const;

  std::size_t bytes() const;  // held, about

 private:
  struct Tables;  // of the interner
  struct Extent {
    std::size_t first = 0;
    std::uint32_t size = 0;
    std::uint32_t hash = 0;
  };
  std::uint32_t intern_text(std::string_view text);
  std::uint32_t intern_list(std::span<const Value> elements);

  std::vector<Extent> texts_;
  std::vector<Extent> lists_;
  std::vector<char> characters_;
  std::vector<Value> elements_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace fracas::checker
