#pragma once
#include <memory>

#include "agent/fault_kind.h"

namespace fracas::agent {

// The effect of process.pause on chosen processes: SIGSTOP to each at the window's start, and to those that come to be
// while they are stopped; SIGCONT to the same ones on `revert`. Whom it stops is noted first. What somebody else has
// stopped already is found and left alone; what two of this agent's faults stop goes on when both are over. Their
// parents can see it (waitpid with WUNTRACED). Mechanism: "sigstop". ERRORS at the start: ETIMEDOUT one does not stop
// within five seconds; then those that did go on. REQUIRES: `preparation.chosen`.
Result<std::unique_ptr<Effect>> stop_chosen(const Preparation& preparation);

// Lets those go on that the record notes.
Status continue_chosen(const LedgerRecord& record);

}  // namespace fracas::agent
