#include "checker/readers/node_events.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <optional>

#include "checker/history/json_scanner.h"
#include "checker/readers/lines.h"
#include "checker/readers/text_place.h"

namespace fracas::checker {
namespace {

using model::NodeEvent;
using model::NodeEventType;

// The checker holds an entry for each index; a larger one is a mistake in the file.
constexpr std::uint64_t kIndexMax = 50'000'000;

// Keeps the events of each node, and their order over all of them.
class Lists {
 public:
  void add(NodeEvent event) {
    last_ns_ = std::max(event.time_ns, last_ns_ + 1);
    event.time_ns = last_ns_;
    keep(std::move(event));
  }
  // With the time it has, or just after the node's event before.
  void keep(NodeEvent event) {
    const auto [found, fresh] = places_.try_emplace(event.node, lists_.size());
    if (fresh) lists_.emplace_back();
    std::vector<NodeEvent>& list = lists_[found->second];
    if (!list.empty()) event.time_ns = std::max(event.time_ns, list.back().time_ns + 1);
    list.push_back(std::move(event));
  }
  NodeLists finish() && { return std::move(lists_); }

 private:
  NodeLists lists_;
  std::map<std::string, std::size_t> places_;
  std::int64_t last_ns_ = 0;
};

Result<NodeLists> read_node_lines(const Text& text) {
  std::vector<NodeEvent> events;
  bool ordered = true;
  Lines lines(text.bytes);
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) continue;
    auto event = model::parse_node_event(line);
    if (!event) return failure_in_line(text, lines.start(), event.error().message);
    if (event->node.empty()) return failure_in_line(text, lines.start(), "the event names no node");
    if (event->index > kIndexMax) return failure_in_line(text, lines.start(), "the index is too large to be one");
    ordered = ordered && (events.empty() || events.back().time_ns <= event->time_ns);
    events.push_back(std::move(*event));
  }
  Lists lists;
  for (NodeEvent& event : events) ordered ? lists.add(std::move(event)) : lists.keep(std::move(event));
  return std::move(lists).finish();
}

// One line of a trace, as a tree of values.
class TraceLine {
 public:
  // ERRORS: false; problem() and at() then say what and where.
  bool parse(std::string_view line) {
    JsonScanner scanner(line);
    const bool read = scanner.value(values_, root_) && scanner.peek() == '\0';
    at_ = scanner.at();
    problem_ = scanner.problem().empty() ? "more text after the event" : scanner.problem();
    return read;
  }
  const std::string& problem() const { return problem_; }
  std::size_t at() const { return at_; }

  Value root() const { return root_; }
  // Nothing where `object` is no object, or has no such member.
  std::optional<Value> member(Value object, std::string_view name) const {
    if (!object.is(Value::Kind::map)) return std::nullopt;
    const auto elements = values_.elements_of(object);
    for (std::size_t i = 0; i + 1 < elements.size(); i += 2)
      if (elements[i].is(Value::Kind::text) && values_.text_of(elements[i]) == name) return elements[i + 1];
    return std::nullopt;
  }
  std::optional<std::uint64_t> number(Value object, std::string_view name) const {
    const auto value = member(object, name);
    if (!value || !value->is(Value::Kind::integer) || value->integer() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value->integer());
  }
  // A text, or a whole number as its digits.
  std::optional<std::string> text(Value object, std::string_view name) const {
    const auto value = member(object, name);
    if (value && value->is(Value::Kind::integer)) return std::to_string(value->integer());
    if (!value || !value->is(Value::Kind::text)) return std::nullopt;
    return std::string(values_.text_of(*value));
  }
  // Seconds with a fraction, as nanoseconds; 0 where it is none.
  std::int64_t time_ns() const {
    const auto value = member(root_, "ts");
    if (!value || !value->is(Value::Kind::number)) return 0;
    const std::string_view spelling = values_.text_of(*value);
    double seconds = 0;
    std::from_chars(spelling.data(), spelling.data() + spelling.size(), seconds);
    constexpr double kMax = 9e9;
    return seconds > 0 && seconds < kMax ? static_cast<std::int64_t>(seconds * 1e9) : 0;
  }

 private:
  Values values_;
  Value root_;
  std::string problem_;
  std::size_t at_ = 0;
};

// A node's state at one event of the trace.
struct NodeState {
  std::uint64_t term = 0, commit = 0, last = 0;
  std::string vote;
  model::Role role = model::Role::follower;
};

std::optional<model::Role> role_of(std::string_view name) {
  if (name == "StateFollower") return model::Role::follower;
  if (name == "StatePreCandidate") return model::Role::pre_candidate;
  if (name == "StateCandidate") return model::Role::candidate;
  if (name == "StateLeader") return model::Role::leader;
  return std::nullopt;
}

class Trace {
 public:
  // ERRORS: what is missing.
  Result<void> add(const TraceLine& line) {
    const auto event = line.member(line.root(), "event");
    if (!event) return {};  // another line of the log
    const auto state = line.member(*event, "state");
    const auto node = line.text(*event, "nid");
    const auto name = line.text(*event, "name");
    if (!name || !node || !state) return failure("an event of the trace has a name, a nid and a state");
    NodeState now;
    const auto term = line.number(*state, "term"), commit = line.number(*state, "commit"),
               last = line.number(*event, "log");
    const auto role = role_of(line.text(*event, "role").value_or(""));
    if (!term || !commit || !last || !role)
      return failure("a state of the trace has the numbers term, commit and log, and a role");
    if (*last > kIndexMax || *commit > kIndexMax) return failure("an index of the log is too large to be one");
    now = {*term, *commit, *last, line.text(*state, "vote").value_or("0"), *role};
    change(*node, now, *name == "InitState", line.time_ns());
    return {};
  }
  NodeLists finish() && { return std::move(lists_).finish(); }

 private:
  void change(const std::string& node, const NodeState& now, bool started, std::int64_t time_ns) {
    const auto [found, fresh] = nodes_.try_emplace(node);
    NodeState& before = found->second;
    const auto tell = [&](NodeEventType type, std::uint64_t index) {
      NodeEvent event;
      event.time_ns = time_ns;
      event.node = node;
      event.type = type;
      event.term = now.term;
      event.role = now.role;
      event.peer = now.vote;
      event.index = index;
      lists_.add(std::move(event));
    };
    if (fresh || started) {
      tell(NodeEventType::start, now.last);
      before = {now.term, 0, now.last, fresh ? "0" : before.vote, model::Role::follower};
    }
    const bool voted = now.vote != "0" && (now.vote != before.vote || now.term != before.term);
    if (now.role != before.role || now.term != before.term) tell(NodeEventType::role, 0);
    if (voted) tell(NodeEventType::vote, 0);
    if (now.last < before.last) tell(NodeEventType::truncate, now.last + 1);
    if (now.last > before.last) tell(NodeEventType::append, now.last);  // with all before it
    if (now.commit != before.commit) tell(NodeEventType::commit, now.commit);
    before = now;
  }

  Lists lists_;
  std::map<std::string, NodeState> nodes_;
};

Result<NodeLists> read_trace(const Text& text) {
  Trace trace;
  Lines lines(text.bytes);
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) continue;
    TraceLine parsed;
    if (!parsed.parse(line)) return failure_at(text, lines.start() + parsed.at(), parsed.problem());
    if (auto added = trace.add(parsed); !added) return failure_in_line(text, lines.start(), added.error().message);
  }
  return std::move(trace).finish();
}

}  // namespace

bool tells_of_nodes(Format format) {
  return format == Format::node_events || format == Format::raft_trace;
}

Result<NodeLists> read_nodes(const Text& text, Format format) {
  auto lists = format == Format::raft_trace ? read_trace(text) : read_node_lines(text);
  if (lists && lists->empty()) return failure(fmt::format("{}: no node tells of itself", text.name));
  return lists;
}

}  // namespace fracas::checker
