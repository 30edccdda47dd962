#pragma once
#include <cstddef>
#include <string_view>

namespace fracas::checker {

// The lines of a text one after the other, without their ends.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  // False after the last line.
  bool next(std::string_view& line) {
    if (at_ >= text_.size()) return false;
    start_ = at_;
    const std::size_t end = text_.find('\n', at_);
    line = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return true;
  }
  std::size_t start() const { return start_; }  // where the line that was read last begins

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

}  // namespace fracas::checker
