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
                                           const std::string& leader, RandomStream& random) {
  std::set<std::string> selected;
  if (selection.needs_leader() && leader.empty()) return failure("no node leads");
  for (const model::SelectionPart& part : selection.parts) {
    if (const auto* name = std::get_if<model::SelectName>(&part)) {
      selected.insert(name->host);
    } else if (std::holds_alternative<model::SelectLeader>(part)) {
      selected.insert(leader);
    } else if (std::holds_alternative<model::SelectFollowers>(part)) {
      for (const std::string& node : model::node_names(hosts))
        if (node != leader) selected.insert(node);
    } else {
      for (std::string& node : draw(hosts, model::selected_count(part, hosts), random))
        selected.insert(std::move(node));
    }
  }
  return selected;
}

}  // namespace fracas::controller
