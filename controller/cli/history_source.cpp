#include "controller/cli/history_source.h"

#include <sys/stat.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

namespace fracas::controller {
namespace {

Result<std::string> read_stream(std::istream& in, const std::string& name) {
  std::string content(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return failure(name + ": cannot be read");
  return content;
}

bool is_regular(const std::string& name) {
  struct stat status {};
  return ::stat(name.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Result<HistorySource> HistorySource::open(const std::string& name) {
  HistorySource source(name == "-" ? "standard input" : name);
  if (is_regular(name)) {
    auto file = os::MappedFile::open(name);
    if (!file) return failure(std::move(file).error());
    source.file_.emplace(std::move(*file));
    return source;
  }
  std::ifstream pipe;
  if (name != "-") pipe.open(name, std::ios::binary);
  if (name != "-" && !pipe) return system_failure(name);
  auto content = read_stream(name == "-" ? std::cin : pipe, name);
  if (!content) return failure(std::move(content).error());
  source.content_ = std::move(*content);
  return source;
}

void HistorySource::release(std::size_t count) {
  if (file_) file_->release(count);
}

Result<checker::Format> format_of(const HistorySource& source, const std::string& name) {
  auto format = name.empty() ? checker::recognize(source.text().bytes) : checker::find_format(name);
  if (!format && name.empty()) return failure(std::move(format).error().context(source.text().name));
  return format;
}

Result<checker::Reading> read_source(HistorySource& source, checker::Format format, checker::ReadOptions options) {
  options.consumed = [&source](std::size_t count) { source.release(count); };
  return checker::read_history(source.text(), format, options);
}

}  // namespace fracas::controller
