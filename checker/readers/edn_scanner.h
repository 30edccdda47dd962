#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/values.h"

namespace fracas::checker {

// Reads EDN from left to right without a tree, as JsonScanner reads JSON: functions return false where the text is not
// what was asked for, problem() says why, at() where. As values, keywords, symbols and characters are texts (without
// colon or backslash), vectors, lists and sets are lists, a tagged form is the form. Comments, discarded forms and
// metadata are skipped. Source: the EDN specification (edn-format), and what Clojure's printer writes besides.
class EdnScanner {
 public:
  explicit EdnScanner(std::string_view text) : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  std::size_t at() const { return static_cast<std::size_t>(at_ - begin_); }
  const std::string& problem() const { return problem_; }
  bool ok() const { return problem_.empty(); }

  // The next character of a form; '\0' at the end of the text. A malformed discarded form leaves a problem.
  char peek();
  void skip_character() { ++at_; }  // REQUIRES: peek() was not '\0'.
  bool expect(char c);
  // Steps over the tag or the namespace in front of a map, if there is one: #jepsen.history.Op{…}.
  bool skip_tag();

  // A keyword, symbol, text or whole number by its letters; nil is empty. `storage` holds texts with escapes.
  bool name(std::string_view& name, std::string& storage);
  bool integer(std::int64_t& number);
  bool null();  // whether nil is next, which is then read; no problem where it is not

  bool value(Values& values, Value& value) { return read(&values, value); }
  bool skip_value();
  // Refuses what was read last. Returns false.
  bool fail(std::string_view why);

 private:
  static constexpr int kDepthMax = 64;

  std::string_view token() const;  // up to the next space or bracket; may be empty
  bool text(std::string_view& text, std::string& storage);
  bool escape(std::string& storage);
  bool read(Values* values, Value& value);
  bool read_form(Values* values, Value& value);
  bool read_token(Values* values, Value& value);
  bool read_number(std::string_view spelling, Values* values, Value& value);
  bool read_character(Values* values, Value& value);
  bool read_dispatch(Values* values, Value& value);
  bool read_elements(char close, bool map, Values* values, Value& value);

  const char* begin_;
  const char* at_;
  const char* end_;
  int depth_ = 0;
  std::string problem_;
  std::string storage_;
  std::vector<Value> stack_;  // elements of the collections that are open
};

}  // namespace fracas::checker
