#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"

// Whom a fault hits: the text of `on` and `to`, such as "leader", "40%" or "n1,n2". Which hosts that means is
// decided by the planner; here is only what is certain beforehand.
namespace fracas::model {

// A host that is not named by its number.
struct NamedHost {
  std::string name;
  std::vector<std::string> labels;  // "zone=a"
};

// The hosts of a world: n1..nN run the target, x1..xM run nothing. Those of a fleet have names of their own.
struct HostCounts {
  std::uint32_t nodes = 0;
  std::uint32_t spares = 0;
  std::vector<NamedHost> named{};  // of a fleet: all `nodes` of them
};

// "n1".."nN", without the spares; or the names of the fleet's hosts.
std::vector<std::string> node_names(const HostCounts& hosts);
bool is_host(std::string_view name, const HostCounts& hosts);

struct SelectAll {};          // every node, without the spares
struct SelectOne {};          // a random one
struct SelectMinority {};     // a random largest minority: (nodes - 1) / 2, rounded down
struct SelectMajority {};     // a random smallest majority: nodes / 2 + 1, rounded down
struct SelectLeader {};       // the leader when the fault starts
struct SelectFollowers {};    // all nodes but that one
struct SelectOldLeader {};    // who led before that one
struct SelectMostLagging {};  // the node that knows least to be committed
struct SelectCount {
  std::uint32_t count = 0;  // that many random nodes, >= 1
};
struct SelectShare {
  double share = 0;  // that share of the nodes, in (0, 1], rounded down
};
struct SelectName {
  std::string host;  // a node or a spare
};

using SelectionPart = std::variant<SelectAll, SelectOne, SelectMinority, SelectMajority, SelectLeader, SelectFollowers,
                                   SelectOldLeader, SelectMostLagging, SelectCount, SelectShare, SelectName>;

// The union of its parts; never empty.
struct Selection {
  std::vector<SelectionPart> parts;

  // True if it must be asked of the running target who leads, or led before.
  bool needs_leader() const;
  bool needs_old_leader() const;
  // True if the nodes' own events must say how far each is.
  bool needs_progress() const;
  // True if it is known only while the target runs.
  bool needs_roles() const { return needs_leader() || needs_old_leader() || needs_progress(); }
};

// Reads "all", "leader", "2", "40%", "n1,n2,x1"; of a fleet's hosts their names, and "zone=a", which stands for all
// that have this label. Whether a world has so many hosts is not looked at: see check_selection. ERRORS: an empty text
// or part, a word that is none of these (with a suggestion), 0, more than 100%.
Result<Selection> parse_selection(std::string_view text, const HostCounts& hosts = {});

// True of names that a host of a fleet cannot have, because they mean something else in a selection.
bool is_selection_word(std::string_view name);

// ERRORS: a host that is not in the world, a part that selects no host of it, more hosts than there are.
Status check_selection(const Selection& selection, const HostCounts& hosts);

// How many nodes one part selects. REQUIRES: the selection passed check_selection with these hosts.
std::uint32_t selected_count(const SelectionPart& part, const HostCounts& hosts);

// At least that many hosts are hit, whatever is drawn. REQUIRES: as selected_count.
std::uint32_t hit_at_least(const Selection& selection, const HostCounts& hosts);

// The hosts, where nothing needs to be drawn or asked: names and "all" only, or as many as there are.
std::optional<std::set<std::string>> certain_hosts(const Selection& selection, const HostCounts& hosts);

}  // namespace fracas::model
