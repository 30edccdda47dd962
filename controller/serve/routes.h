#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/serve/http.h"
#include "controller/store/users.h"

namespace fracas::controller {

// An endpoint of lib/model/api.proto.
struct Route {
  std::string name;                // of the rpc
  std::string method;              // "GET"
  std::vector<std::string> parts;  // of the path; "{id}" stands for any part, a last "{path}" for all that follow
  std::optional<Role> least;       // who may call it; nothing: anybody
};

// All of them, in the order of the file. Lives as long as the program.
const std::vector<Route>& routes();

// The endpoint of a request, its parts filled in. Nothing: no such path, or not with that method.
const Route* find_route(Request& request);
// Whether another method would find one.
bool path_exists(const std::string& path);

}  // namespace fracas::controller
