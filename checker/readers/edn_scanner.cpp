#include "checker/readers/edn_scanner.h"

#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "checker/readers/utf8.h"

namespace fracas::checker {
namespace {

constexpr std::string_view kSpace = " \t\r\n,";
constexpr std::string_view kDelimiters = " \t\r\n,()[]{}\";";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return kSpace.find(c) != std::string_view::npos;
}
bool looks_like_number(std::string_view token) {
  const std::size_t sign = token[0] == '-' || token[0] == '+' ? 1 : 0;
  return token.size() > sign && is_digit(token[sign]);
}

// Takes the digits at the front off; false where there are none.
bool take_digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count > 0;
}

// 12.5, 1e9, 12.5e-3, 1/3. REQUIRES: without sign and without the M of exact numbers.
bool is_number(std::string_view text) {
  if (!take_digits(text)) return false;
  if (!text.empty() && text[0] == '/') {
    text.remove_prefix(1);
    return take_digits(text) && text.empty();
  }
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    take_digits(text);
  }
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

// The code point of four hexadecimal digits.
bool parse_code_point(std::string_view digits, std::uint32_t& code_point) {
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code_point, 16);
  return digits.size() == 4 && error == std::errc{} && rest == digits.data() + digits.size();
}

}  // namespace

bool EdnScanner::fail(std::string_view why) {
  if (problem_.empty()) problem_ = why;
  return false;
}

std::string_view EdnScanner::token() const {
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  return rest.substr(0, rest.find_first_of(kDelimiters));
}

char EdnScanner::peek() {
  while (at_ != end_) {
    if (is_space(*at_)) {
      ++at_;
    } else if (*at_ == ';') {
      while (at_ != end_ && *at_ != '\n') ++at_;
    } else if (*at_ == '#' && end_ - at_ > 1 && at_[1] == '_') {
      at_ += 2;
      if (!skip_value()) return '\0';
    } else {
      return *at_;
    }
  }
  return '\0';
}

bool EdnScanner::expect(char c) {
  if (peek() == c) {
    ++at_;
    return true;
  }
  if (at_ == end_) return fail(std::string("the file ends where a ") + c + " is missing");
  return fail(std::string("a ") + c + " is missing");
}

bool EdnScanner::skip_tag() {
  if (peek() != '#') return ok();
  at_ += token().size();
  return true;
}

bool EdnScanner::escape(std::string& storage) {
  if (++at_ == end_) return fail("the file ends inside a text");
  constexpr std::string_view kLetters = "\"\\bfnrt";
  constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t";
  const char letter = *at_++;
  if (const std::size_t known = kLetters.find(letter); known != std::string_view::npos) {
    storage += kMeanings[known];
    return true;
  }
  std::uint32_t code_point = 0;
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  if (letter != 'u' || !parse_code_point(rest.substr(0, 4), code_point)) return fail("an unknown escape");
  at_ += 4;
  append_utf8(storage, code_point);
  return true;
}

bool EdnScanner::text(std::string_view& text, std::string& storage) {
  const char* start = ++at_;
  while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
  if (at_ != end_ && *at_ == '"') {
    text = {start, static_cast<std::size_t>(at_ - start)};
    ++at_;
    return true;
  }
  storage.assign(start, at_);
  while (at_ != end_ && *at_ != '"') {
    if (*at_ != '\\') {
      storage += *at_++;
    } else if (!escape(storage)) {
      return false;
    }
  }
  if (at_ == end_) return fail("a text has no closing quote");
  ++at_;
  text = storage;
  return true;
}

bool EdnScanner::name(std::string_view& name, std::string& storage) {
  const char first = peek();
  if (first == '"') return text(name, storage);
  const std::string_view word = token();
  if (first == '#' || first == '\\' || word.empty() || word == ":") return fail("a name is missing");
  at_ += word.size();
  name = word == "nil" ? std::string_view{} : first == ':' ? word.substr(1) : word;
  return true;
}

bool EdnScanner::integer(std::int64_t& number) {
  peek();
  const std::string_view word = token();
  const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (word.empty() || error != std::errc{} || rest != word.data() + word.size())
    return fail("a whole number of 64 bits is missing");
  at_ += word.size();
  return true;
}

bool EdnScanner::null() {
  if (peek() != 'n' || token() != "nil") return false;
  at_ += 3;
  return true;
}

bool EdnScanner::skip_value() {
  Value ignored;
  return read(nullptr, ignored);
}

bool EdnScanner::read(Values* values, Value& value) {
  if (depth_ == kDepthMax) return fail("forms are nested too deep");
  ++depth_;
  value = {};
  const bool done = read_form(values, value);
  --depth_;
  return done;
}

bool EdnScanner::read_form(Values* values, Value& value) {
  switch (peek()) {
    case '\0':
      return fail("the file ends where a value is missing");
    case '"': {
      std::string_view found;
      if (!text(found, storage_)) return false;
      if (values != nullptr) value = values->text(found);
      return true;
    }
    case '[':
      return read_elements(']', false, values, value);
    case '(':
      return read_elements(')', false, values, value);
    case '{':
      return read_elements('}', true, values, value);
    case '#':
      return read_dispatch(values, value);
    case '\\':
      return read_character(values, value);
    case '^':
      ++at_;
      return skip_value() && read(values, value);
    default:
      return read_token(values, value);
  }
}

bool EdnScanner::read_token(Values* values, Value& value) {
  const std::string_view word = token();
  if (word.empty() || word == ":" || std::string_view("'@`~").find(word[0]) != std::string_view::npos)
    return fail("a value is missing");
  if (looks_like_number(word)) {
    if (!read_number(word, values, value)) return false;
  } else if (word == "true" || word == "false") {
    value = Value::of(word == "true");
  } else if (word != "nil" && values != nullptr) {
    value = values->text(word[0] == ':' ? word.substr(1) : word);
  }
  at_ += word.size();
  return true;
}

bool EdnScanner::read_number(std::string_view spelling, Values* values, Value& value) {
  if (spelling[0] == '+') spelling.remove_prefix(1);
  const char last = spelling.back();
  if (last == 'N' || last == 'M') spelling.remove_suffix(1);
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(spelling.data(), spelling.data() + spelling.size(), number);
  if (error == std::errc{} && rest == spelling.data() + spelling.size()) {
    if (values != nullptr) value = values->integer(number);
    return true;
  }
  const std::size_t sign = !spelling.empty() && spelling[0] == '-' ? 1 : 0;
  if (!is_number(spelling.substr(sign))) return fail("a number that cannot be understood");
  if (values != nullptr) value = values->number(spelling);
  return true;
}

bool EdnScanner::read_character(Values* values, Value& value) {
  if (++at_ == end_) return fail("the file ends where a character is missing");
  const char* start = at_++;  // whatever it is, also a bracket
  at_ += token().size();
  const std::string_view word(start, static_cast<std::size_t>(at_ - start));
  if (values == nullptr) return true;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames{
      {{"newline", "\n"}, {"space", " "}, {"tab", "\t"}, {"return", "\r"}}};
  for (const auto& [name, meaning] : kNames)
    if (name == word) {
      value = values->text(meaning);
      return true;
    }
  storage_.clear();
  std::uint32_t code_point = 0;
  if (word.size() == 5 && word[0] == 'u' && parse_code_point(word.substr(1), code_point)) {
    append_utf8(storage_, code_point);
    value = values->text(storage_);
    return true;
  }
  value = values->text(word);
  return true;
}

// After a #: a set, a number without digits (##NaN), or a tag.
bool EdnScanner::read_dispatch(Values* values, Value& value) {
  ++at_;
  if (at_ != end_ && *at_ == '{') return read_elements('}', false, values, value);
  const std::string_view word = token();
  if (word.empty()) return fail("a # without a tag");
  const std::string_view symbol = word.substr(1);
  const bool symbolic = word[0] == '#';
  if (symbolic && symbol != "Inf" && symbol != "-Inf" && symbol != "NaN") return fail("an unknown symbolic value");
  at_ += word.size();
  if (!symbolic) return read(values, value);
  if (values != nullptr) value = values->number(symbol);
  return true;
}

bool EdnScanner::read_elements(char close, bool map, Values* values, Value& value) {
  ++at_;
  const std::size_t base = stack_.size();
  std::size_t count = 0;
  for (char next = peek(); next != close; next = peek(), ++count) {
    if (next == '\0') return fail(std::string("the file ends where a ") + close + " is missing");
    if (next == ']' || next == ')' || next == '}') return fail(std::string("a ") + close + " is missing");
    Value element;
    if (!read(values, element)) return false;
    if (values != nullptr) stack_.push_back(element);
  }
  if (map && count % 2 != 0) return fail("a map ends after a key");
  ++at_;
  if (values != nullptr) {
    const auto elements = std::span(stack_).subspan(base);
    value = map ? values->map(elements) : values->list(elements);
  }
  stack_.resize(base);
  return true;
}

}  // namespace fracas::checker
