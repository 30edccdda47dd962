#pragma once
#include <string>

#include "agent/fault_kind.h"
#include "agent/resources/change.h"

// What the faults of resources have in common: their record's note is a list of undo steps.
namespace fracas::agent {

// Notes the steps in the fault's record, which outlives the effect.
RecordSteps note_steps(FaultRecord& record);
// What the other faults of this agent that hold such steps have noted.
OtherSteps other_steps(const FaultRecord& record);
// FaultKind::undo of all of them.
Status undo_noted_steps(const LedgerRecord& record, KilledServices killed);

// A name for cgroups of this fault, unique among all agents of the machine.
std::string group_name(const FaultRecord& record);

// An effect that holds the change, once it is known to be possible.
Result<std::unique_ptr<Effect>> hold_change(const Preparation& preparation, Result<std::unique_ptr<Change>> change);

}  // namespace fracas::agent
