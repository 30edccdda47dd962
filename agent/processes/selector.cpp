#include "agent/processes/selector.h"

#include <fnmatch.h>

#include "agent/processes/container_id.h"
#include "lib/model/fault.pb.h"
#include "lib/model/process_selector.h"

namespace fracas::agent {
namespace {

bool matches(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

std::string without_slashes(const std::string& path) {
  const std::size_t first = path.find_first_not_of('/');
  return first == std::string::npos ? "" : path.substr(first, path.find_last_not_of('/') - first + 1);
}

bool matches_or_lies_below(const std::string& pattern, const std::string& cgroup) {
  for (std::size_t end = cgroup.size();; end = cgroup.rfind('/', end - 1)) {
    if (end == std::string::npos || end == 0) return false;
    if (matches(pattern, cgroup.substr(0, end))) return true;
  }
}

struct Chooses {
  const ProcessFacts& process;

  bool operator()(const ByName& by) const {
    return matches(by.pattern, process.program) || (!process.name.empty() && matches(by.pattern, process.name));
  }
  bool operator()(const ByCgroup& by) const { return matches_or_lies_below(by.pattern, process.cgroup); }
  bool operator()(const ByContainer& by) const { return means_container(by.id, container_of(process.cgroup)); }
  bool operator()(const ByListen&) const { return false; }
  bool operator()(const ByPid& by) const { return by.pid == process.identity.pid; }
};

}  // namespace

ProcessSelector selector_from(const model::ProcessSelector& message) {
  ProcessSelector selector{.by = ByPid{static_cast<pid_t>(message.pid())}, .words = model::describe_selector(message)};
  if (!message.name().empty()) selector.by = ByName{message.name()};
  if (!message.cgroup().empty()) selector.by = ByCgroup{without_slashes(message.cgroup())};
  if (!message.container().empty()) selector.by = ByContainer{message.container()};
  if (message.listen() > 0) selector.by = ByListen{static_cast<std::uint16_t>(message.listen())};
  return selector;
}

bool chooses(const ProcessSelector& selector, const ProcessFacts& process) {
  return std::visit(Chooses{process}, selector.by);
}

bool chooses_cgroup(const ProcessSelector& selector, const std::string& cgroup) {
  if (const auto* by = std::get_if<ByCgroup>(&selector.by)) return matches(by->pattern, cgroup);
  if (const auto* by = std::get_if<ByContainer>(&selector.by)) return means_container(by->id, container_at(cgroup));
  return false;
}

}  // namespace fracas::agent
