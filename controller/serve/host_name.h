#pragma once
#include <string>

namespace fracas::controller {

// Of this machine, as uname(2) has it.
std::string host_name();

}  // namespace fracas::controller
