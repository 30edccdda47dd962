#include "lib/model/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lib/base/quantity.h"
#include "lib/base/text.h"
#include "lib/model/suggest.h"

namespace fracas::model {
namespace {

constexpr std::size_t kNamesShown = 50;

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::optional<std::uint32_t> whole_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "n3" or "x1": a letter of ours and a number from 1, without leading zeros.
bool looks_like_host(std::string_view text) {
  return text.size() >= 2 && (text[0] == 'n' || text[0] == 'x') && text[1] != '0' &&
         whole_number(text.substr(1)).has_value();
}

bool has_name(const HostCounts& hosts, std::string_view name) {
  return std::ranges::find(hosts.named, name, &NamedHost::name) != hosts.named.end();
}

std::optional<SelectionPart> parse_word(std::string_view word, const HostCounts& hosts) {
  if (word == "all") return SelectAll{};
  if (word == "one") return SelectOne{};
  if (word == "minority") return SelectMinority{};
  if (word == "majority") return SelectMajority{};
  if (word == "leader") return SelectLeader{};
  if (word == "followers") return SelectFollowers{};
  if (has_name(hosts, word)) return SelectName{.host = std::string(word)};
  if (hosts.named.empty() && looks_like_host(word)) return SelectName{.host = std::string(word)};
  if (word == "old-leader") return SelectOldLeader{};
  if (word == "most-lagging") return SelectMostLagging{};
  return std::nullopt;
}

// All hosts of a fleet that have it.
Result<std::vector<SelectionPart>> parse_label(std::string_view text, const HostCounts& hosts) {
  std::vector<SelectionPart> found;
  std::set<std::string> known;
  for (const NamedHost& host : hosts.named) {
    known.insert(host.labels.begin(), host.labels.end());
    if (std::ranges::find(host.labels, text) != host.labels.end()) found.push_back(SelectName{.host = host.name});
  }
  if (!found.empty()) return found;
  const std::vector<std::string> labels(known.begin(), known.end());
  return failure(fmt::format("no host has the label \"{}\"{}", text, suggestion(text, labels)));
}

Result<SelectionPart> parse_part(std::string_view text, const HostCounts& hosts) {
  if (text.empty()) return failure("a selection is empty; write all, one, leader, 2, 40% or host names");
  if (const auto word = parse_word(text, hosts)) return *word;
  if (const auto number = whole_number(text)) {
    if (*number == 0) return failure("0 selects no host");
    return SelectCount{.count = *number};
  }
  if (text.ends_with('%')) {
    const auto share = parse_probability(text);
    if (!share) return failure(share.error());
    if (*share <= 0) return failure(fmt::format("\"{}\" selects no host", text));
    return SelectShare{.share = *share};
  }
  static const std::vector<std::string> kWords{
      "all",        "one",          "minority",   "majority",        "leader",          "followers",
      "old-leader", "most-lagging", "host names", "a number like 2", "a share like 40%"};
  std::vector<std::string> words = kWords;
  if (hosts.named.size() <= kNamesShown)
    for (const NamedHost& host : hosts.named) words.push_back(host.name);
  return failure(fmt::format("unknown selection \"{}\"{}", text, suggestion(text, words)));
}

std::string part_text(const SelectionPart& part) {
  return std::visit(Overloaded{[](const SelectAll&) -> std::string { return "all"; },
                               [](const SelectOne&) -> std::string { return "one"; },
                               [](const SelectMinority&) -> std::string { return "minority"; },
                               [](const SelectMajority&) -> std::string { return "majority"; },
                               [](const SelectLeader&) -> std::string { return "leader"; },
                               [](const SelectFollowers&) -> std::string { return "followers"; },
                               [](const SelectOldLeader&) -> std::string { return "old-leader"; },
                               [](const SelectMostLagging&) -> std::string { return "most-lagging"; },
                               [](const SelectCount& count) { return fmt::format("{}", count.count); },
                               [](const SelectShare& share) { return fmt::format("{:g}%", share.share * 100); },
                               [](const SelectName& name) { return name.host; }},
                    part);
}

std::string hosts_text(const HostCounts& hosts) {
  if (!hosts.named.empty()) return fmt::format("the {} of the inventory", hosts.named.size());
  const std::string nodes = hosts.nodes == 1 ? "n1" : fmt::format("n1 to n{}", hosts.nodes);
  if (hosts.spares == 0) return nodes;
  return nodes + (hosts.spares == 1 ? " and x1" : fmt::format(" and x1 to x{}", hosts.spares));
}

}  // namespace

std::vector<std::string> node_names(const HostCounts& hosts) {
  std::vector<std::string> names;
  for (const NamedHost& host : hosts.named) names.push_back(host.name);
  if (!names.empty()) return names;
  for (std::uint32_t i = 1; i <= hosts.nodes; ++i) names.push_back(fmt::format("n{}", i));
  return names;
}

bool is_selection_word(std::string_view name) {
  const auto word = parse_word(name, HostCounts{});
  return word && !std::holds_alternative<SelectName>(*word);
}

bool is_host(std::string_view name, const HostCounts& hosts) {
  if (!hosts.named.empty()) return has_name(hosts, name);
  return looks_like_host(name) && *whole_number(name.substr(1)) <= (name[0] == 'n' ? hosts.nodes : hosts.spares);
}

bool Selection::needs_leader() const {
  return std::any_of(parts.begin(), parts.end(), [](const SelectionPart& part) {
    return std::holds_alternative<SelectLeader>(part) || std::holds_alternative<SelectFollowers>(part);
  });
}

bool Selection::needs_old_leader() const {
  return std::any_of(parts.begin(), parts.end(),
                     [](const SelectionPart& part) { return std::holds_alternative<SelectOldLeader>(part); });
}

bool Selection::needs_progress() const {
  return std::any_of(parts.begin(), parts.end(),
                     [](const SelectionPart& part) { return std::holds_alternative<SelectMostLagging>(part); });
}

Result<Selection> parse_selection(std::string_view text, const HostCounts& hosts) {
  Selection selection;
  for (;;) {
    const std::size_t comma = text.find(',');
    const std::string_view word = trimmed(text.substr(0, comma));
    if (!hosts.named.empty() && word.find('=') != std::string_view::npos) {
      auto labelled = parse_label(word, hosts);
      if (!labelled) return failure(std::move(labelled).error());
      selection.parts.insert(selection.parts.end(), labelled->begin(), labelled->end());
    } else {
      auto part = parse_part(word, hosts);
      if (!part) return failure(std::move(part).error());
      selection.parts.push_back(*std::move(part));
    }
    if (comma == std::string_view::npos) return selection;
    text.remove_prefix(comma + 1);
  }
}

Status check_selection(const Selection& selection, const HostCounts& hosts) {
  for (const SelectionPart& part : selection.parts) {
    if (const auto* name = std::get_if<SelectName>(&part)) {
      if (is_host(name->host, hosts)) continue;
      return failure(fmt::format("there is no host \"{}\"; the hosts are {}", name->host, hosts_text(hosts)));
    }
    if (const auto* count = std::get_if<SelectCount>(&part); count != nullptr && count->count > hosts.nodes)
      return failure(fmt::format("{} hosts of {}", count->count, hosts.nodes));
    if (selected_count(part, hosts) == 0)
      return failure(fmt::format("\"{}\" of {} selects no host", part_text(part), counted(hosts.nodes, "node")));
  }
  return {};
}

std::uint32_t selected_count(const SelectionPart& part, const HostCounts& hosts) {
  const std::uint32_t nodes = hosts.nodes;
  return std::visit(
      Overloaded{[&](const SelectAll&) { return nodes; }, [](const SelectOne&) { return 1U; },
                 [&](const SelectMinority&) { return nodes == 0 ? 0U : (nodes - 1) / 2; },
                 [&](const SelectMajority&) { return nodes / 2 + 1; }, [](const SelectLeader&) { return 1U; },
                 [&](const SelectFollowers&) { return nodes == 0 ? 0U : nodes - 1; },
                 // In a world of one node nobody else can have led.
                 [&](const SelectOldLeader&) { return nodes < 2 ? 0U : 1U; },
                 [](const SelectMostLagging&) { return 1U; }, [](const SelectCount& count) { return count.count; },
                 // A share such as 40% of 5 must not fall below 2 by a rounding error.
                 [&](const SelectShare& share) { return static_cast<std::uint32_t>(share.share * nodes + 1e-9); },
                 [](const SelectName&) { return 1U; }},
      part);
}

std::uint32_t hit_at_least(const Selection& selection, const HostCounts& hosts) {
  std::uint32_t most = 0;
  std::set<std::string> named;
  for (const SelectionPart& part : selection.parts) {
    most = std::max(most, selected_count(part, hosts));
    if (const auto* name = std::get_if<SelectName>(&part)) named.insert(name->host);
  }
  return std::max(most, static_cast<std::uint32_t>(named.size()));
}

std::optional<std::set<std::string>> certain_hosts(const Selection& selection, const HostCounts& hosts) {
  std::set<std::string> certain;
  for (const SelectionPart& part : selection.parts) {
    if (const auto* name = std::get_if<SelectName>(&part)) {
      certain.insert(name->host);
    } else if (!Selection{.parts = {part}}.needs_roles() && selected_count(part, hosts) == hosts.nodes) {
      for (std::string& node : node_names(hosts)) certain.insert(std::move(node));
    } else {
      return std::nullopt;
    }
  }
  return certain;
}

}  // namespace fracas::model
