#include "checker/invariants/raft.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include "checker/invariants/raft_log.h"

namespace fracas::checker {
namespace {

using model::NodeEvent;
using model::NodeEventType;
using Invariant = RaftInvariant;

struct Node {
  std::string name;
  RaftLog log;
  std::uint64_t term = 0;
  std::uint64_t commit = 0;       // in this life of its process
  std::uint64_t commit_ever = 0;  // in all lives
  bool leading = false;
  std::map<std::uint64_t, NodeEvent> votes;  // by term
  NodeEvent term_event;                      // that set `term`
  NodeEvent commit_event;                    // that set `commit`
  bool started = false;
};

// An entry that some node knew as committed.
struct Committed {
  LogEntry entry;
  std::uint64_t term = 0;  // the lowest term in which a node knew so: it was committed in this one or before
  NodeEvent event;
};

// A leader and the end of its log when it was elected: what was already known as committed then has been compared.
struct Election {
  std::uint32_t node = 0;
  NodeEvent event;
  RaftLog log;
};

class Invariants {
 public:
  Invariants(std::size_t nodes, std::size_t voters) : nodes_(nodes), voters_(voters) {}

  void take(std::uint32_t number, const NodeEvent& event) {
    Node& node = nodes_[number];
    node.name = event.node;
    ++findings_.events;
    check_term(node, event);
    switch (event.type) {
      case NodeEventType::start:
        start(node, event);
        break;
      case NodeEventType::role:
        role(number, event);
        break;
      case NodeEventType::vote:
        vote(node, event);
        break;
      case NodeEventType::append:
        append(node, event);
        break;
      case NodeEventType::truncate:
        truncate(node, event);
        break;
      case NodeEventType::commit:
        commit(node, event);
        break;
      case NodeEventType::apply:
        apply(event);
        break;
      case NodeEventType::snapshot:
        apply(event);
        node.log.snapshot(event.index);
        break;
    }
  }

  RaftFindings finish() && { return std::move(findings_); }

 private:
  void report(Invariant invariant, std::string sentence, std::vector<NodeEvent> events) {
    ++findings_.counts[invariant];
    if (findings_.violations.size() >= kViolationsKept) return;
    const std::int64_t at = events.back().time_ns;
    findings_.violations.push_back({invariant, std::move(sentence), std::move(events), at});
  }

  void check_term(Node& node, const NodeEvent& event) {
    if (event.term < node.term) {
      const bool restarted = event.type == NodeEventType::start;
      report(Invariant::term_monotonic,
             fmt::format("{} went back from term {} to term {}{}", event.node, node.term, event.term,
                         restarted ? " when it restarted: its term was not persisted" : ""),
             {node.term_event, event});
    }
    if (event.term != node.term) {
      node.leading = false;
      node.term_event = event;
    }
    node.term = event.term;
    findings_.term_max = std::max(findings_.term_max, event.term);
  }

  void start(Node& node, const NodeEvent& event) {
    node.leading = false;
    node.commit = 0;
    if (node.started && event.index < node.log.last()) {
      if (event.index < node.commit_ever)
        report(Invariant::committed_truncated,
               fmt::format("{} restarted with a log up to {}, but had known everything up to {} as committed",
                           event.node, event.index, node.commit_ever),
               {node.commit_event, event});
      else
        findings_.notes.push_back(fmt::format("{} restarted without the entries {} to {} it had said were on its disk",
                                              event.node, event.index + 1, node.log.last()));
    }
    if (!node.started || event.index != node.log.last()) node.log.set_last(event.index);
    node.started = true;
  }

  void role(std::uint32_t number, const NodeEvent& event) {
    Node& node = nodes_[number];
    const bool was_leading = node.leading;
    node.leading = event.role == model::Role::leader;
    if (!node.leading || was_leading) return;
    ++findings_.elections;
    RaftLog suffix = node.log;  // what is known as committed already is compared right now
    suffix.snapshot(std::min(node.log.last(), findings_.committed_max));
    const auto [found, first] = leaders_.try_emplace(event.term, Election{number, event, std::move(suffix)});
    if (!first && found->second.node != number)
      report(Invariant::election_safety,
             fmt::format("{} and {} both were leader in term {}", found->second.event.node, event.node, event.term),
             {found->second.event, event});
    check_new_leader(node, event);
  }

  // The chain hash covers the prefix: it is enough to compare the last entry that was committed in an earlier term.
  void check_new_leader(const Node& node, const NodeEvent& event) {
    for (std::uint64_t index = committed_.size(); index-- > 1;) {
      const Committed& committed = committed_[static_cast<std::size_t>(index)];
      if (committed.term >= event.term || !committed.entry.known) continue;
      check_leader_has(node.log, event, index, committed);
      return;
    }
  }

  void check_leader_has(const RaftLog& log, const NodeEvent& elected, std::uint64_t index, const Committed& committed) {
    if (index <= log.base()) return;
    const auto entry = log.at(index);
    if (entry && (!entry->known || *entry == committed.entry)) return;
    report(Invariant::leader_completeness,
           fmt::format("{} became leader in term {} {} at index {}, which {} knew as committed in term {}",
                       elected.node, elected.term, entry ? "with another entry" : "without the entry", index,
                       committed.event.node, committed.event.term),
           {committed.event, elected});
  }

  void vote(Node& node, const NodeEvent& event) {
    const auto [found, first] = node.votes.try_emplace(event.term, event);
    if (first || found->second.peer == event.peer) return;
    report(Invariant::vote_once,
           fmt::format("{} voted for {} and then for {} in term {}", event.node, found->second.peer, event.peer,
                       event.term),
           {found->second, event});
  }

  void append(Node& node, const NodeEvent& event) {
    if (event.entry_term == 0) return node.log.append(event.index, {});  // of an unknown term
    const LogEntry entry{event.entry_term, event.hash, true};
    const auto [found, first] = chains_.try_emplace(event.index, std::map<std::uint64_t, NodeEvent>{});
    const auto [chain, fresh] = found->second.try_emplace(event.entry_term, event);
    if (!fresh && chain->second.hash != event.hash)
      report(Invariant::log_matching,
             fmt::format("the logs of {} and {} hold index {} of term {}, but differ up to there", chain->second.node,
                         event.node, event.index, event.entry_term),
             {chain->second, event});
    const auto before = node.log.at(event.index);
    if (before && before->known && *before == entry) return;  // written once more
    if (before) drop_from(node, event, before->known);
    node.log.append(event.index, entry);
  }

  void truncate(Node& node, const NodeEvent& event) {
    if (event.index > node.log.last()) return;
    drop_from(node, event, true);
    node.log.set_last(event.index == 0 ? 0 : event.index - 1);
  }

  // `event` makes the node drop its log from event.index on.
  void drop_from(const Node& node, const NodeEvent& event, bool known) {
    if (node.leading && known)
      report(Invariant::leader_append_only,
             fmt::format("{} dropped index {} and after while it was leader in term {}", event.node, event.index,
                         event.term),
             {leaders_.at(event.term).event, event});
    for (std::uint64_t index = event.index; index <= node.log.last() && index < committed_.size(); ++index) {
      const Committed& committed = committed_[static_cast<std::size_t>(index)];
      const auto entry = node.log.at(index);
      if (!entry || !entry->known || !committed.entry.known || *entry != committed.entry) continue;
      report(Invariant::committed_truncated,
             fmt::format("{} dropped the entry at index {} in term {}, although {} had known it as committed",
                         event.node, index, event.term, committed.event.node),
             {committed.event, event});
      return;
    }
  }

  void commit(Node& node, const NodeEvent& event) {
    if (event.index < node.commit)
      report(Invariant::commit_monotonic,
             fmt::format("{}'s commit index went back from {} to {} in term {}", event.node, node.commit, event.index,
                         event.term),
             {node.commit_event, event});
    if (event.index > node.log.last())
      report(Invariant::commit_in_log,
             fmt::format("{} knew everything up to {} as committed in term {}, but its log ended at {}", event.node,
                         event.index, event.term, node.log.last()),
             {event});
    check_quorum(node, event);
    if (committed_.size() <= event.index) committed_.resize(static_cast<std::size_t>(event.index) + 1);
    for (std::uint64_t index = node.commit + 1; index <= event.index; ++index)
      if (!commit_entry(node, event, index)) break;  // the chain hashes differ from there on: once is enough
    node.commit = event.index;
    node.commit_event = event;
    node.commit_ever = std::max(node.commit_ever, event.index);
    findings_.committed_max = std::max(findings_.committed_max, event.index);
  }

  // An entry that is unknown, or under a snapshot, counts as had.
  void check_quorum(const Node& node, const NodeEvent& event) {
    const auto entry = node.log.at(event.index);
    if (voters_ == 0 || !entry || !entry->known) return;
    std::size_t holders = 0;
    for (const Node& other : nodes_) {
      const auto had = other.log.at(event.index);
      if (event.index <= other.log.base() || (had && (!had->known || *had == *entry))) ++holders;
    }
    if (2 * holders > voters_) return;
    report(Invariant::commit_quorum,
           fmt::format("{} knew index {} as committed in term {}, but only {} of {} nodes had it on their disks",
                       event.node, event.index, event.term, holders, voters_),
           {event});
  }

  // False where another node knew another entry.
  bool commit_entry(const Node& node, const NodeEvent& event, std::uint64_t index) {
    const auto entry = node.log.at(index);
    if (!entry || !entry->known) return true;
    Committed& committed = committed_[static_cast<std::size_t>(index)];
    if (committed.entry.known && committed.entry != *entry) {
      report(Invariant::committed_conflict,
             fmt::format("{} (term {}) and {} (term {}) know different entries as committed at index {}",
                         committed.event.node, committed.entry.entry_term, event.node, entry->entry_term, index),
             {committed.event, event});
      return false;
    }
    if (committed.entry.known && committed.term <= event.term) return true;
    committed = {*entry, event.term, event};
    // Leaders of later terms that were elected before anybody said so. Usually there is none.
    for (auto leader = leaders_.upper_bound(event.term); leader != leaders_.end() && index == event.index; ++leader)
      check_leader_has(leader->second.log, leader->second.event, index, committed);
    return true;
  }

  void apply(const NodeEvent& event) {
    const auto [found, first] = states_.try_emplace(event.index, event);
    if (first || found->second.hash == event.hash) return;
    report(Invariant::state_machine_safety,
           fmt::format("after index {} the state of {} ({:x}) is not that of {} ({:x})", event.index, event.node,
                       event.hash, found->second.node, found->second.hash),
           {found->second, event});
  }

  std::vector<Node> nodes_;
  std::size_t voters_;
  std::map<std::uint64_t, Election> leaders_;                                     // by term
  std::unordered_map<std::uint64_t, std::map<std::uint64_t, NodeEvent>> chains_;  // by index, entry term: first append
  std::vector<Committed> committed_;                                              // by index
  std::unordered_map<std::uint64_t, NodeEvent> states_;                           // by index: the first apply
  RaftFindings findings_;
};

}  // namespace

std::string_view name(RaftInvariant invariant) {
  constexpr std::array<std::string_view, 12> kNames{
      "election safety",    "vote once",           "leader append-only",  "log matching",
      "committed conflict", "leader completeness", "committed truncated", "state machine safety",
      "term monotonic",     "commit monotonic",    "commit in log",       "commit quorum"};
  return kNames[static_cast<std::size_t>(invariant)];
}

RaftFindings check_raft_invariants(std::span<const std::vector<NodeEvent>> nodes, std::size_t voters) {
  const bool silent = std::any_of(nodes.begin(), nodes.end(), [](const auto& events) { return events.empty(); });
  Invariants invariants(nodes.size(), silent ? 0 : voters);
  constexpr std::int64_t kOver = std::numeric_limits<std::int64_t>::max();
  std::vector<std::size_t> next(nodes.size(), 0);
  std::vector<std::int64_t> times;  // of the next event of each
  for (const auto& events : nodes) times.push_back(events.empty() ? kOver : events.front().time_ns);
  for (;;) {
    const auto first = std::ranges::min_element(times);
    if (first == times.end() || *first == kOver) return std::move(invariants).finish();
    const auto earliest = static_cast<std::size_t>(first - times.begin());
    const auto& events = nodes[earliest];
    invariants.take(static_cast<std::uint32_t>(earliest), events[next[earliest]++]);
    *first = next[earliest] == events.size() ? kOver : events[next[earliest]].time_ns;
  }
}

}  // namespace fracas::checker
