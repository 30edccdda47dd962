#pragma once
#include "controller/workload/generator.h"

namespace fracas::model {
class Workload;
}

namespace fracas::controller {

// What the workload of an experiment asks for, in the generator's terms.
GeneratorOptions generator_options(const model::Workload& workload);

}  // namespace fracas::controller
