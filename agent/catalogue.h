#pragma once
#include <span>
#include <string_view>

#include "agent/fault_kind.h"

namespace fracas::agent {

// Every kind of fault this agent can inject, in the order of the model.
std::span<const FaultKind* const> catalogue();

// Nothing if this agent does not know it: the order or the record is a newer program's.
const FaultKind* find_kind(std::string_view name);
const FaultKind* kind_of(const model::Injection& injection);

}  // namespace fracas::agent
