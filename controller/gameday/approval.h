#pragma once
#include <string>
#include <vector>

#include "controller/gameday/day.h"

// Who has agreed to a game day, and who may. Pure.
namespace fracas::controller::gameday {

// The approvals of the plan as it is now that still hold, each by another person.
std::vector<ApprovalGiven> approvals_that_count(const Day& day, Instant now);
// Whether they are enough.
bool enough_approvals(const Day& day, Instant now);
// "1 of 2 approvals; role:approver and erin may give them".
std::string describe_approvals(const Day& day, Instant now);
// Why somebody may not approve this plan; empty if they may.
std::string why_not_approve(const Day& day, const Person& person);

}  // namespace fracas::controller::gameday
