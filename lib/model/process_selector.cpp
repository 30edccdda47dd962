#include "lib/model/process_selector.h"

#include <fmt/format.h>

#include <cerrno>

#include "lib/model/fault.pb.h"

namespace fracas::model {
namespace {

constexpr std::uint32_t kPortMax = 65535;
constexpr std::uint32_t kPidMax = 4'194'304;  // Source: proc(5), /proc/sys/kernel/pid_max.
constexpr std::size_t kContainerMin = 4;

tl::unexpected<Error> invalid(std::string what) {
  return failure(std::move(what), EINVAL);
}

// A pattern that leaves everything open would mean the whole host.
bool says_something(const std::string& pattern) {
  return pattern.find_first_not_of("*?/") != std::string::npos;
}

}  // namespace

Status check_selector(const ProcessSelector& selector) {
  const int keys = (selector.name().empty() ? 0 : 1) + (selector.cgroup().empty() ? 0 : 1) +
                   (selector.container().empty() ? 0 : 1) + (selector.listen() == 0 ? 0 : 1) +
                   (selector.pid() == 0 ? 0 : 1);
  if (keys != 1) return invalid("processes are chosen by exactly one of name, cgroup, container, listen and pid");
  for (const std::string* pattern : {&selector.name(), &selector.cgroup()})
    if (!pattern->empty() && !says_something(*pattern))
      return invalid(fmt::format("\"{}\" would choose everything on the host", *pattern));
  if (selector.name().find('/') != std::string::npos)
    return invalid(fmt::format("\"{}\" is no name: it has a /", selector.name()));
  if (!selector.container().empty() && selector.container().size() < kContainerMin)
    return invalid(fmt::format("\"{}\" is too short to tell one container from others: {} characters at least",
                               selector.container(), kContainerMin));
  if (selector.listen() > kPortMax) return invalid(fmt::format("there is no port {}", selector.listen()));
  if (selector.pid() == 1 || selector.pid() > kPidMax)
    return invalid(fmt::format("no fault acts on a process {}", selector.pid()));
  return {};
}

std::string describe_selector(const ProcessSelector& selector) {
  if (!selector.name().empty()) return "processes named " + selector.name();
  if (!selector.cgroup().empty()) return "processes of cgroup " + selector.cgroup();
  if (!selector.container().empty()) return "processes of container " + selector.container();
  if (selector.listen() > 0) return fmt::format("processes that listen on port {}", selector.listen());
  return fmt::format("processes with id {}", selector.pid());
}

}  // namespace fracas::model
