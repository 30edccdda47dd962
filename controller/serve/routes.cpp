#include "controller/serve/routes.h"

#include <google/protobuf/descriptor.h>

#include "lib/model/api.pb.h"

namespace fracas::controller {
namespace {

// "/a//b" has an empty part in the middle, and is never an endpoint.
std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

bool is_any(const std::string& part) {
  return part.starts_with('{');
}

Route route_of(const google::protobuf::MethodDescriptor& method) {
  const api::Endpoint& endpoint = method.options().GetExtension(api::endpoint);
  Route route;
  route.name = method.name();
  route.method = !endpoint.get().empty() ? "GET" : !endpoint.post().empty() ? "POST" : "PUT";
  route.parts = split(endpoint.get() + endpoint.post() + endpoint.put());
  if (endpoint.role() != api::ROLE_ANYBODY) route.least = static_cast<Role>(endpoint.role() - api::ROLE_VIEWER);
  return route;
}

// Whether the path is of the route; what stands for its names goes into `found`.
bool fits(const Route& route, const std::vector<std::string>& parts, std::map<std::string, std::string>& found) {
  const bool takes_rest = route.parts.back() == "{path}";
  if (takes_rest ? parts.size() < route.parts.size() : parts.size() != route.parts.size()) return false;
  for (std::size_t i = 0; i < route.parts.size(); ++i) {
    if (!is_any(route.parts[i])) {
      if (route.parts[i] != parts[i]) return false;
      continue;
    }
    std::string value = parts[i];
    if (i + 1 == route.parts.size())
      for (std::size_t rest = i + 1; rest < parts.size(); ++rest) value += "/" + parts[rest];
    if (value.empty()) return false;
    found[route.parts[i].substr(1, route.parts[i].size() - 2)] = value;
  }
  return true;
}

// Of two routes that fit the one with more parts is meant.
const Route* best_route(const std::string& path, std::string_view method, std::map<std::string, std::string>& parts) {
  if (!path.starts_with('/')) return nullptr;
  const std::vector<std::string> split_path = split(path);
  const Route* best = nullptr;
  for (const Route& route : routes()) {
    std::map<std::string, std::string> found;
    if ((!method.empty() && route.method != method) || !fits(route, split_path, found)) continue;
    if (best != nullptr && best->parts.size() >= route.parts.size()) continue;
    best = &route;
    parts = std::move(found);
  }
  return best;
}

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> made;
    const auto* file = api::Nothing::descriptor()->file();
    const auto* service = file->FindServiceByName("Api");
    for (int i = 0; i < service->method_count(); ++i) made.push_back(route_of(*service->method(i)));
    return made;
  }();
  return all;
}

const Route* find_route(Request& request) {
  return best_route(request.path, request.method, request.parts);
}

bool path_exists(const std::string& path) {
  std::map<std::string, std::string> parts;
  return best_route(path, "", parts) != nullptr;
}

}  // namespace fracas::controller
