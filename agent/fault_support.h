#pragma once
#include <string>

namespace fracas::agent {

// What a fault kind would use on this host, tried for real.
struct FaultSupport {
  std::string kind{};  // filled in by the doctor
  bool available = false;
  std::string mechanism{};  // "tcx", "freezer", …
  std::string accuracy{};
  std::string missing{};  // the exact capability, module or option; empty exactly if it is available
};

}  // namespace fracas::agent
