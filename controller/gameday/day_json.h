#pragma once
#include <string>
#include <string_view>

#include "controller/gameday/day.h"
#include "lib/base/result.h"

// A game day as the store keeps it.
namespace fracas::controller::gameday {

std::string day_to_json(const Day& day);

// Nothing but the time zones' database is asked: the experiments are those that were there when the plan was submitted.
// `now` is where the search for its first start begins. ERRORS: it is not what day_to_json wrote; its zone is gone.
Result<Day> day_from_json(std::string_view text, sys_seconds now);

}  // namespace fracas::controller::gameday
