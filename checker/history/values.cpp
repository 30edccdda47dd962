#include "checker/history/values.h"

#include <algorithm>

#include "lib/base/ensure.h"

namespace fracas::checker {
namespace {

constexpr std::uint32_t kEmpty = 0xFFFFFFFFU;

std::uint32_t fold(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

std::uint32_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  return fold(hash);
}

std::uint32_t hash_list(std::span<const Value> elements) {
  std::uint64_t hash = elements.size();
  for (const Value value : elements) hash = (hash ^ value.bits()) * 0x9E3779B97F4A7C15U + (hash >> 31U);
  return fold(hash);
}

// Open addressing over indexes; at most half full. The caller compares what an index stands for.
class IndexTable {
 public:
  template <typename Equal, typename HashOf>
  std::uint32_t find_or_add(std::uint32_t hash, std::uint32_t fresh, const Equal& equal, const HashOf& hash_of) {
    if (2 * (count_ + 1) > slots_.size()) grow(hash_of);
    std::size_t at = hash & mask();
    while (slots_[at] != kEmpty && !equal(slots_[at])) at = (at + 1) & mask();
    if (slots_[at] != kEmpty) return slots_[at];
    slots_[at] = fresh;
    ++count_;
    return fresh;
  }
  std::size_t bytes() const { return slots_.capacity() * sizeof(std::uint32_t); }

 private:
  std::size_t mask() const { return slots_.size() - 1; }
  template <typename HashOf>
  void grow(const HashOf& hash_of) {
    std::vector<std::uint32_t> old(std::max<std::size_t>(64, slots_.size() * 2), kEmpty);
    old.swap(slots_);
    for (const std::uint32_t index : old) {
      if (index == kEmpty) continue;
      std::size_t at = hash_of(index) & mask();
      while (slots_[at] != kEmpty) at = (at + 1) & mask();
      slots_[at] = index;
    }
  }
  std::vector<std::uint32_t> slots_;
  std::size_t count_ = 0;
};

}  // namespace

struct Values::Tables {
  IndexTable texts;
  IndexTable lists;
};

Values::Values() : tables_(std::make_unique<Tables>()) {}
Values::~Values() = default;
Values::Values(Values&&) noexcept = default;
Values& Values::operator=(Values&&) noexcept = default;

std::uint32_t Values::intern_text(std::string_view text) {
  const std::uint32_t hash = hash_text(text);
  const auto fresh = static_cast<std::uint32_t>(texts_.size());
  const auto equal = [&](std::uint32_t i) {
    const Extent& extent = texts_[i];
    return extent.hash == hash && std::string_view(characters_.data() + extent.first, extent.size) == text;
  };
  const std::uint32_t index =
      tables_->texts.find_or_add(hash, fresh, equal, [&](std::uint32_t i) { return texts_[i].hash; });
  if (index != fresh) return index;
  texts_.push_back({characters_.size(), static_cast<std::uint32_t>(text.size()), hash});
  characters_.insert(characters_.end(), text.begin(), text.end());
  return index;
}

std::uint32_t Values::intern_list(std::span<const Value> elements) {
  const std::uint32_t hash = hash_list(elements);
  const auto fresh = static_cast<std::uint32_t>(lists_.size());
  const auto equal = [&](std::uint32_t i) {
    const Extent& extent = lists_[i];
    return extent.hash == hash && extent.size == elements.size() &&
           std::equal(elements.begin(), elements.end(), elements_.begin() + static_cast<std::ptrdiff_t>(extent.first));
  };
  const std::uint32_t index =
      tables_->lists.find_or_add(hash, fresh, equal, [&](std::uint32_t i) { return lists_[i].hash; });
  if (index != fresh) return index;
  lists_.push_back({elements_.size(), static_cast<std::uint32_t>(elements.size()), hash});
  elements_.insert(elements_.end(), elements.begin(), elements.end());
  return index;
}

Value Values::text(std::string_view text) {
  return {Value::Kind::text, intern_text(text)};
}
std::optional<Value> Values::find_text(std::string_view text) const {
  const std::uint32_t hash = hash_text(text);
  for (std::uint32_t i = 0; i < texts_.size(); ++i) {
    const Extent& extent = texts_[i];
    if (extent.hash == hash && std::string_view(characters_.data() + extent.first, extent.size) == text)
      return Value(Value::Kind::text, i);
  }
  return std::nullopt;
}
Value Values::number(std::string_view spelling) {
  return {Value::Kind::number, intern_text(spelling)};
}
Value Values::integer(std::int64_t value) {
  if (value >= Value::kIntegerMin && value <= Value::kIntegerMax) return Value::of(value);
  return number(std::to_string(value));
}
Value Values::list(std::span<const Value> elements) {
  return {Value::Kind::list, intern_list(elements)};
}
Value Values::map(std::span<const Value> keys_and_values) {
  ensure(keys_and_values.size() % 2 == 0, "a map has as many keys as values");
  return {Value::Kind::map, intern_list(keys_and_values)};
}

Value Values::adopt(const Values& other, Value value) {
  if (value.is(Value::Kind::text)) return text(other.text_of(value));
  if (value.is(Value::Kind::number)) return number(other.text_of(value));
  if (!value.is(Value::Kind::list) && !value.is(Value::Kind::map)) return value;
  std::vector<Value> elements;
  for (const Value element : other.elements_of(value)) elements.push_back(adopt(other, element));
  return value.is(Value::Kind::list) ? list(elements) : map(elements);
}

std::string_view Values::text_of(Value value) const {
  ensure(value.is(Value::Kind::text) || value.is(Value::Kind::number), "the value is a text or a number");
  const Extent& extent = texts_[value.index()];
  return {characters_.data() + extent.first, extent.size};
}

std::span<const Value> Values::elements_of(Value value) const {
  ensure(value.is(Value::Kind::list) || value.is(Value::Kind::map), "the value is a list or a map");
  const Extent& extent = lists_[value.index()];
  return {elements_.data() + extent.first, extent.size};
}

std::string Values::describe(Value value) const {
  switch (value.kind()) {
    case Value::Kind::nil:
      return "nil";
    case Value::Kind::boolean:
      return value.boolean() ? "true" : "false";
    case Value::Kind::integer:
      return std::to_string(value.integer());
    case Value::Kind::number:
      return std::string(text_of(value));
    case Value::Kind::text:
      return '"' + std::string(text_of(value)) + '"';
    case Value::Kind::list:
    case Value::Kind::map:
      break;
  }
  const bool map = value.is(Value::Kind::map);
  std::string text = map ? "{" : "[";
  const auto elements = elements_of(value);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) text += map && i % 2 == 0 ? ", " : " ";
    text += describe(elements[i]);
  }
  return text + (map ? "}" : "]");
}

std::size_t Values::bytes() const {
  return (texts_.capacity() + lists_.capacity()) * sizeof(Extent) + characters_.capacity() +
         elements_.capacity() * sizeof(Value) + tables_->texts.bytes() + tables_->lists.bytes();
}

}  // namespace fracas::checker
