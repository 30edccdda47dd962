#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/values.h"

namespace fracas::checker {

// Reads JSON from left to right without a tree. Each function returns false where the text is not what was asked for;
// problem() then says why, and at() is where. A newline ends every text: an event stands on one line.
// Source: RFC 8259. Maps keep the order of their members.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  std::size_t at() const { return static_cast<std::size_t>(at_ - begin_); }
  bool at_end() const { return at_ == end_; }
  const std::string& problem() const { return problem_; }

  // The next character that is neither space nor tab; '\0' at the end of the text.
  char peek() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r')) ++at_;
    return at_ == end_ ? '\0' : *at_;
  }
  void skip_character() { ++at_; }  // REQUIRES: peek() was not '\0'.
  bool expect(char c);

  // A text without its quotes, as it stands or, with escapes, spelled out in `storage`.
  bool text(std::string_view& text, std::string& storage);
  // A text, or a whole number as its digits; null is empty.
  bool name(std::string_view& name, std::string& storage);
  // A whole number of 64 bits.
  bool integer(std::int64_t& number);
  bool null();  // whether null is next, which is then read; no problem where it is not

  // Any value. `values` holds it afterwards.
  bool value(Values& values, Value& value);
  bool skip_value();

  // Refuses what was read last. Returns false.
  bool fail(std::string_view why);

 private:
  static constexpr int kDepthMax = 64;
  struct Number {
    std::string_view spelling;
    std::optional<std::int64_t> integer;  // where it is whole and fits
    bool whole = false;
  };

  bool literal(std::string_view word);
  bool take_digits();
  bool number(Number& number);
  bool escape(std::string& storage);
  bool code_unit(std::uint32_t& unit);
  bool read(Values* values, Value& value, int depth);
  bool read_text(Values* values, Value& value);
  bool read_number(Values* values, Value& value);
  bool read_list(Values* values, Value& value, int depth);
  bool read_map(Values* values, Value& value, int depth);

  const char* begin_;
  const char* at_;
  const char* end_;
  std::string problem_;
  std::string storage_;       // of texts inside values
  std::vector<Value> stack_;  // elements of the lists and maps that are open
};

}  // namespace fracas::checker
