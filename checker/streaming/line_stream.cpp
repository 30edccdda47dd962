#include "checker/streaming/line_stream.h"

#include <fmt/format.h>

#include "checker/history/history_builder.h"

namespace fracas::checker {

tl::unexpected<Error> LineStream::failure_here(std::string_view what) const {
  return failure(fmt::format("{}:{}: {}", name_, line_, what));
}

Result<void> LineStream::add(std::string_view bytes) {
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    std::string_view line = bytes.substr(0, end);
    if (!rest_.empty()) line = rest_.append(line);
    if (auto added = add_line(line); !added) return added;
    rest_.clear();
    bytes.remove_prefix(end + 1);
  }
  rest_.append(bytes);
  return {};
}

Result<void> LineStream::finish() {
  Result<void> last;
  if (!rest_.empty()) last = add_line(rest_);
  rest_.clear();
  if (last) stream_.finish();
  return last;
}

Result<void> LineStream::add_line(std::string_view line) {
  ++line_;
  JsonScanner scan(line);
  if (scan.peek() == '\0') return {};
  EventFields fields;
  if (!events_.read(scan, stream_.values(), fields)) return failure_here(scan.problem());
  if (fields.process == "nemesis") return {};
  if (auto added = add_event(fields); !added) return failure_here(added.error().message);
  return {};
}

Result<void> LineStream::add_event(const EventFields& fields) {
  if (fields.process.empty()) return failure("the event has no \"process\"");
  const auto type = type_of(fields.type);
  if (!type) return failure(fmt::format("\"type\" is \"{}\", not invoke, ok, fail or info", fields.type));
  if (fields.function.empty()) return failure("the event has no \"f\" (what was asked)");
  const auto function = functions_.intern(fields.function);
  if (!function) return failure(function.error());
  const auto time_ns = times_.place(fields.time_ns, *type, number_);
  if (!time_ns) return failure(time_ns.error());
  ++number_;
  if (*type == model::EventType::ok) ++answered_;
  return stream_.add(
      {*time_ns, *type, *function, fields.process, fields.key, fields.value, says_mismatch(*function, fields.error)});
}

}  // namespace fracas::checker
