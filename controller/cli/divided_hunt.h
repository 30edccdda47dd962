#pragma once
#include <cstdint>
#include <functional>

#include "controller/cli/commands.h"
#include "controller/engine/distribute.h"
#include "lib/base/result.h"
#include "lib/model/experiment.h"

namespace fracas::controller {

// Hunts on the command's engine, and tells on stderr what happens to its tasks. ERRORS: options that do not go together
// (EINVAL); the engine is not there, or refuses.
Result<Distributed> divided_hunt(const HuntCommand& command, const model::ExperimentFile& file, std::uint64_t seed,
                                 const std::function<bool()>& stop);

}  // namespace fracas::controller
