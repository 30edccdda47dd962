#include "lib/model/node_event.h"

#include <fmt/format.h>

#include <array>
#include <istream>
#include <nlohmann/json.hpp>
#include <utility>

namespace fracas::model {
namespace {

constexpr std::array<std::string_view, 8> kTypes{"start",    "role",   "vote",  "append",
                                                 "truncate", "commit", "apply", "snapshot"};
constexpr std::array<std::string_view, 4> kRoles{"follower", "pre-candidate", "candidate", "leader"};

}  // namespace

std::string_view name(NodeEventType type) {
  return kTypes[static_cast<std::size_t>(type)];
}
std::string_view name(Role role) {
  return kRoles[static_cast<std::size_t>(role)];
}

std::string to_json_line(const NodeEvent& event) {
  using enum NodeEventType;
  // Written by hand: a node writes one a log entry, and building a document for each would show in its latency.
  std::string line = fmt::format(R"({{"time":{},"node":"{}","event":"{}","term":{})", event.time_ns, event.node,
                                 name(event.type), event.term);
  auto out = std::back_inserter(line);
  if (event.type == role) fmt::format_to(out, R"(,"role":"{}")", name(event.role));
  if (event.type == vote) fmt::format_to(out, R"(,"peer":"{}")", event.peer);
  if (event.type != role && event.type != vote) fmt::format_to(out, R"(,"index":{})", event.index);
  if (event.type == append) fmt::format_to(out, R"(,"entry_term":{})", event.entry_term);
  if (event.type == append || event.type == apply || event.type == snapshot)
    fmt::format_to(out, R"(,"hash":{})", event.hash);
  line += '}';
  return line;
}

Result<NodeEvent> parse_node_event(std::string_view line) {
  const auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return failure("not a JSON object");
  const auto number = [&](const char* member) -> std::uint64_t {
    const auto found = object.find(member);
    return found != object.end() && found->is_number() ? found->get<std::uint64_t>() : 0;
  };
  const auto text = [&](const char* member) -> std::string {
    const auto found = object.find(member);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  NodeEvent event;
  event.time_ns = static_cast<std::int64_t>(number("time"));
  event.node = text("node");
  const auto type = std::find(kTypes.begin(), kTypes.end(), text("event"));
  if (type == kTypes.end()) return failure(fmt::format("unknown event \"{}\"", text("event")));
  event.type = static_cast<NodeEventType>(type - kTypes.begin());
  if (event.type == NodeEventType::role) {
    const auto role = std::find(kRoles.begin(), kRoles.end(), text("role"));
    if (role == kRoles.end()) return failure(fmt::format("unknown role \"{}\"", text("role")));
    event.role = static_cast<Role>(role - kRoles.begin());
  }
  event.term = number("term");
  event.peer = text("peer");
  event.index = number("index");
  event.entry_term = number("entry_term");
  event.hash = number("hash");
  return event;
}

Result<std::vector<NodeEvent>> read_node_events(std::istream& in) {
  std::vector<NodeEvent> events;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (in.eof() || line.empty()) continue;  // no newline: the node was killed while it wrote
    auto event = parse_node_event(line);
    // A restarted node appends after a torn line: both halves of such a line are unreadable and say nothing.
    if (!event && line.find("{\"time\"", 1) != std::string::npos) continue;
    if (!event) return failure(std::move(event).error().context(fmt::format("line {}", number)));
    events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace fracas::model
