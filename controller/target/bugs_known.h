#pragma once
#include <map>
#include <string>
#include <vector>

namespace fracas::controller {

// The planted bugs of each kind of target, as model::ReadOptions takes them.
std::map<std::string, std::vector<std::string>> bugs_known();

}  // namespace fracas::controller
