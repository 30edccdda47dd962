#include "agent/doctor.h"

#include "agent/catalogue.h"

namespace fracas::agent {

std::vector<FaultSupport> examine() {
  std::vector<FaultSupport> support;
  for (const FaultKind* kind : catalogue()) {
    support.push_back(kind->probe());
    support.back().kind = kind->name;
  }
  return support;
}

}  // namespace fracas::agent
