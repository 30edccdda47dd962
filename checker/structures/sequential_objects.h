#pragma once
#include <cstdint>

#include "checker/linearizability/check_model.h"
#include "checker/structures/lifetimes.h"

// The data types as if one client used them: what the search falls back on where a near-linear procedure does not
// apply. Each refers to the history, which outlives it.
namespace fracas::checker {

enum class Discipline : std::uint8_t { first_in, last_in, least };

// put, take (nil = there was nothing; a failed one says the same), peek, length.
AnyModel container_model(const History& history, const ContainerFunctions& functions, Discipline discipline);

// add and remove (true or false says whether it changed something), contains, read of all, length.
AnyModel set_model(const History& history);

// add, decrement, read. Amounts that are not given are 1.
AnyModel counter_model(const History& history, std::int64_t initial);

}  // namespace fracas::checker
