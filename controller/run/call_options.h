#pragma once
#include <string>
#include <vector>

#include "controller/workload/generator.h"

namespace fracas::model {
class Workload;
}

namespace fracas::controller {

// What the workload of an experiment asks for, in the generator's terms.
GeneratorOptions generator_options(const model::Workload& workload);

// Its groups of nodes that the clients take in turn; empty: every client asks all nodes.
std::vector<std::vector<std::string>> near_groups(const model::Workload& workload);

}  // namespace fracas::controller
