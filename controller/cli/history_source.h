#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "checker/readers/reading.h"
#include "lib/base/result.h"
#include "lib/os/mapped_file.h"

namespace fracas::controller {

// The bytes of a history that a user named: a file, mapped; a pipe or "-" for standard input, read to its end.
class HistorySource {
 public:
  // ERRORS: the file cannot be read, with the errno's text.
  static Result<HistorySource> open(const std::string& name);

  checker::Text text() const { return {name_, file_ ? file_->bytes() : std::string_view(content_)}; }
  // Gives the memory of the first `count` bytes back where that costs nothing but reading them again.
  void release(std::size_t count);

 private:
  explicit HistorySource(std::string name) : name_(std::move(name)) {}
  std::string name_;
  std::optional<os::MappedFile> file_;
  std::string content_;  // without a file
};

// The format of this name, or the one that is found by the content where it is empty.
// ERRORS: those of checker::find_format and recognize.
Result<checker::Format> format_of(const HistorySource& source, const std::string& name);

// ERRORS: those of checker::read_history, with the file's name in front.
Result<checker::Reading> read_source(HistorySource& source, checker::Format format, checker::ReadOptions options);

}  // namespace fracas::controller
