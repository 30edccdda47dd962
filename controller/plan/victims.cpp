#include "controller/plan/victims.h"

#include <vector>

namespace fracas::controller {
namespace {

std::vector<std::string> draw(const model::HostCounts& hosts, std::size_t count, RandomStream& random) {
  auto names = model::node_names(hosts);
  shuffle(names, random);
  names.resize(std::min(count, names.size()));
  return names;
}

}  // namespace

Result<std::set<std::string>> select_hosts(const model::Selection& selection, const model::HostCounts& hosts,
                                           const Roles& roles, RandomStream& random) {
  std::set<std::string> selected;
  if (selection.needs_leader() && roles.leader.empty()) return failure("no node leads");
  if (selection.needs_old_leader() && roles.old_leader.empty()) return failure("no node led before");
  if (selection.needs_progress() && roles.most_lagging.empty()) return failure("no node has said how far it is");
  for (const model::SelectionPart& part : selection.parts) {
    if (const auto* name = std::get_if<model::SelectName>(&part)) {
      selected.insert(name->host);
    } else if (std::holds_alternative<model::SelectLeader>(part)) {
      selected.insert(roles.leader);
    } else if (std::holds_alternative<model::SelectFollowers>(part)) {
      for (const std::string& node : model::node_names(hosts))
        if (node != roles.leader) selected.insert(node);
    } else if (std::holds_alternative<model::SelectOldLeader>(part)) {
      selected.insert(roles.old_leader);
    } else if (std::holds_alternative<model::SelectMostLagging>(part)) {
      selected.insert(roles.most_lagging);
    } else {
      for (std::string& node : draw(hosts, model::selected_count(part, hosts), random))
        selected.insert(std::move(node));
    }
  }
  return selected;
}

}  // namespace fracas::controller
