#include "agent/service_spec.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/name_rule.h"

namespace fracas::agent {
namespace {

constexpr std::size_t kServiceNameLengthMax = 64;

tl::unexpected<Error> invalid(std::string message) {
  return failure(std::move(message), EINVAL);
}

}  // namespace

Status check_service_name(const std::string& name) {
  if (name.empty()) return invalid("a service's name is empty");
  if (name.size() > kServiceNameLengthMax)
    return invalid(fmt::format("the service name '{}' is longer than {} characters", name, kServiceNameLengthMax));
  if (name.front() == '.' || !consists_of(name, "._-"))
    return invalid(fmt::format(
        "the service name '{}' must consist of letters, digits, '.', '_' and '-' and not start with '.'", name));
  return {};
}

Status check_service(const ServiceSpec& spec) {
  if (auto valid = check_service_name(spec.name); !valid) return valid;
  if (spec.argv.empty()) return invalid("service '" + spec.name + "' has no program to run");
  if (spec.argv.front().empty() || spec.argv.front().front() != '/')
    return invalid("service '" + spec.name + "': the program '" + spec.argv.front() + "' must be an absolute path");
  for (const std::string* path : {&spec.working_directory, &spec.output})
    if (!path->empty() && path->front() != '/')
      return invalid("service '" + spec.name + "': the path '" + *path + "' must be absolute");
  return {};
}

}  // namespace fracas::agent
