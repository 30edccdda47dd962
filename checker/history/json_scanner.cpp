#include "checker/history/json_scanner.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <span>

#include "checker/readers/utf8.h"

namespace fracas::checker {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool ends_plain_run(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// The first character at which ends_plain_run holds, or `end`: eight at a time, because most of a history is texts.
// In each of the three terms the lowest bit that is set belongs to a byte looked for (S. E. Anderson, "Bit Twiddling
// Hacks", hasless and haszero).
const char* end_of_plain_run(const char* at, const char* end) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kTops = 0x8080808080808080U;
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    const std::uint64_t quote = word ^ (kOnes * '"');
    const std::uint64_t backslash = word ^ (kOnes * '\\');
    const std::uint64_t found =
        (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) | ((word - kOnes * 0x20) & ~word)) & kTops;
    if (found != 0) return at + (std::countr_zero(found) >> 3);
    at += 8;
  }
  while (at != end && !ends_plain_run(*at)) ++at;
  return at;
}

}  // namespace

bool JsonScanner::fail(std::string_view why) {
  if (problem_.empty()) problem_ = why;
  return false;
}

bool JsonScanner::expect(char c) {
  if (peek() == c) {
    ++at_;
    return true;
  }
  if (c == '\n') return fail("something follows the event");
  if (at_ == end_ || *at_ == '\n') return fail(std::string("the line ends where a ") + c + " is missing");
  return fail(std::string("a ") + c + " is missing");
}

bool JsonScanner::text(std::string_view& text, std::string& storage) {
  if (peek() != '"') return fail("a text in quotes is missing");
  const char* start = ++at_;
  at_ = end_of_plain_run(at_, end_);
  if (at_ != end_ && *at_ == '"') {
    text = {start, static_cast<std::size_t>(at_ - start)};
    ++at_;
    return true;
  }
  storage.assign(start, at_);
  while (at_ != end_ && *at_ != '"') {
    if (static_cast<unsigned char>(*at_) < 0x20)
      return fail("a text has no closing quote, or a bare control character");
    if (*at_ == '\\') {
      if (!escape(storage)) return false;
    } else {
      storage += *at_++;
    }
  }
  if (at_ == end_) return fail("a text has no closing quote");
  ++at_;
  text = storage;
  return true;
}

bool JsonScanner::code_unit(std::uint32_t& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    if (at_ == end_) return fail("the line ends inside an escape");
    const auto c = static_cast<unsigned char>(*at_);
    const auto letter = static_cast<unsigned char>(c | 0x20U);
    if (!is_digit(*at_) && (letter < 'a' || letter > 'f')) return fail("\\u needs four hexadecimal digits");
    unit = unit * 16 + (is_digit(*at_) ? c - static_cast<std::uint32_t>('0') : letter - std::uint32_t{'a'} + 10);
  }
  return true;
}

bool JsonScanner::escape(std::string& storage) {
  if (++at_ == end_) return fail("the line ends inside an escape");
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char letter = *at_++;
  if (const std::size_t known = kLetters.find(letter); known != std::string_view::npos) {
    storage += kMeanings[known];
    return true;
  }
  if (letter != 'u') return fail("an unknown escape");
  std::uint32_t unit = 0;
  if (!code_unit(unit)) return false;
  if (unit >= 0xDC00 && unit <= 0xDFFF) return fail("half of a surrogate pair");
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    std::uint32_t low = 0;
    if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') return fail("half of a surrogate pair");
    at_ += 2;
    if (!code_unit(low)) return false;
    if (low < 0xDC00 || low > 0xDFFF) return fail("half of a surrogate pair");
    unit = 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
  }
  append_utf8(storage, unit);
  return true;
}

bool JsonScanner::take_digits() {
  const char* first = at_;
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return at_ != first;
}

bool JsonScanner::number(Number& number) {
  const char* start = at_;
  const bool negative = at_ != end_ && *at_ == '-';
  if (negative) ++at_;
  const char* digits = at_;
  std::uint64_t magnitude = 0;
  for (; at_ != end_ && is_digit(*at_); ++at_) magnitude = magnitude * 10 + static_cast<unsigned char>(*at_ - '0');
  if (at_ == digits) return fail("a value is missing");
  if (*digits == '0' && at_ - digits > 1) return fail("a number begins with 0");
  number.integer.reset();
  // Eighteen digits fit for certain.
  if (at_ - digits <= 18)
    number.integer = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
  const char* whole_end = at_;
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!take_digits()) return fail("a number ends after its point");
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!take_digits()) return fail("a number ends inside its exponent");
  }
  number.whole = at_ == whole_end;
  number.spelling = {start, static_cast<std::size_t>(at_ - start)};
  if (!number.whole) number.integer.reset();
  if (number.whole && !number.integer) {
    std::int64_t parsed = 0;
    if (std::from_chars(start, at_, parsed).ec == std::errc{}) number.integer = parsed;
  }
  return true;
}

bool JsonScanner::integer(std::int64_t& number) {
  const char first = peek();
  Number parsed;
  const char* start = at_;
  if (first != '-' && !is_digit(first)) return fail("a whole number is missing");
  if (!this->number(parsed)) return false;
  if (!parsed.integer) {
    at_ = start;
    return fail("a whole number of 64 bits is missing");
  }
  number = *parsed.integer;
  return true;
}

bool JsonScanner::literal(std::string_view word) {
  if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word)
    return fail("a value is missing");
  at_ += word.size();
  return true;
}

bool JsonScanner::null() {
  return peek() == 'n' && literal("null");
}

bool JsonScanner::name(std::string_view& name, std::string& storage) {
  const char first = peek();
  if (first == '"') return text(name, storage);
  if (first == 'n') return literal("null");
  Number parsed;
  if (first != '-' && !is_digit(first)) return fail("a text or a whole number is missing");
  if (!number(parsed)) return false;
  name = parsed.spelling;
  return parsed.whole || fail("a text or a whole number is missing");
}

bool JsonScanner::value(Values& values, Value& value) {
  return read(&values, value, 0);
}

bool JsonScanner::skip_value() {
  Value ignored;
  return read(nullptr, ignored, 0);
}

bool JsonScanner::read(Values* values, Value& value, int depth) {
  value = {};
  switch (peek()) {
    case '"':
      return read_text(values, value);
    case '[':
      return read_list(values, value, depth);
    case '{':
      return read_map(values, value, depth);
    case 'n':
      return literal("null");
    case 't':
      value = Value::of(true);
      return literal("true");
    case 'f':
      value = Value::of(false);
      return literal("false");
    default:
      return read_number(values, value);
  }
}

bool JsonScanner::read_text(Values* values, Value& value) {
  std::string_view found;
  if (!text(found, storage_)) return false;
  if (values != nullptr) value = values->text(found);
  return true;
}

bool JsonScanner::read_number(Values* values, Value& value) {
  Number parsed;
  if (!number(parsed)) return false;
  if (values != nullptr) value = parsed.integer ? values->integer(*parsed.integer) : values->number(parsed.spelling);
  return true;
}

bool JsonScanner::read_list(Values* values, Value& value, int depth) {
  if (depth == kDepthMax) return fail("lists and maps are nested too deep");
  ++at_;
  const std::size_t base = stack_.size();
  bool more = peek() != ']';
  while (more) {
    Value element;
    if (!read(values, element, depth + 1)) return false;
    if (values != nullptr) stack_.push_back(element);
    more = peek() == ',';
    if (more) ++at_;
  }
  if (!expect(']')) return false;
  if (values != nullptr) value = values->list(std::span(stack_).subspan(base));
  stack_.resize(base);
  return true;
}

bool JsonScanner::read_map(Values* values, Value& value, int depth) {
  if (depth == kDepthMax) return fail("lists and maps are nested too deep");
  ++at_;
  const std::size_t base = stack_.size();
  bool more = peek() != '}';
  while (more) {
    Value key, element;
    if (peek() != '"') return fail("the name of a member is missing");
    if (!read_text(values, key) || !expect(':') || !read(values, element, depth + 1)) return false;
    if (values != nullptr) stack_.insert(stack_.end(), {key, element});
    more = peek() == ',';
    if (more) ++at_;
  }
  if (!expect('}')) return false;
  if (values != nullptr) value = values->map(std::span(stack_).subspan(base));
  stack_.resize(base);
  return true;
}

}  // namespace fracas::checker
