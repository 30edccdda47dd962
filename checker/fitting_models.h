#pragma once
#include <vector>

#include "checker/model_kind.h"

namespace fracas::checker {

// The models of the catalogue that know what the history asks for: each is asked about a few operations of every
// function, and fits when it accepts them as its own. What it finds about them does not matter.
// The history is as before afterwards.
std::vector<const ModelKind*> fitting_models(History& history);

}  // namespace fracas::checker
