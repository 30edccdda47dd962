#include "checker/readers/reading.h"

#include <fmt/format.h>

#include "checker/readers/csv.h"
#include "checker/readers/edn.h"
#include "checker/readers/etcd_log.h"
#include "checker/readers/json_lines.h"
#include "checker/readers/node_events.h"
#include "checker/readers/sessions.h"
#include "lib/base/ensure.h"

namespace fracas::checker {
namespace {

using ReadFunction = Result<Reading> (*)(const Text&, const ReadOptions&);

ReadFunction reader_of(Format format) {
  switch (format) {
    case Format::json_lines:
      return read_json_lines;
    case Format::edn:
      return read_edn;
    case Format::etcd_log:
      return read_etcd_log;
    case Format::csv:
      return read_csv;
    case Format::session_text:
      return read_session_text;
    case Format::plume_text:
      return read_plume_text;
    case Format::node_events:
    case Format::raft_trace:
      break;
  }
  return nullptr;
}

}  // namespace

Result<Reading> read_history(const Text& text, Format format, const ReadOptions& options) {
  if (tells_of_nodes(format))
    return failure(fmt::format("{}: tells of nodes and not of clients; it can be checked as --model raft", text.name));
  const ReadFunction read = reader_of(format);
  ensure(read != nullptr, "every format has a reader");
  auto reading = read(text, options);
  if (reading && reading->history.operations.empty()) reading->notes.emplace_back("the history has no operation");
  return reading;
}

FailMeans fail_meaning(Format format) {
  return format == Format::etcd_log ? FailMeans::mismatch : FailMeans::did_not_happen;
}

}  // namespace fracas::checker
