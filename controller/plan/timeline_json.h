#pragma once
#include <string>

#include "controller/plan/timeline.h"

namespace fracas::controller {

// plan.json: the timeline as an indented JSON document. Times are nanoseconds from the beginning of the run.
std::string timeline_json(const Timeline& timeline);

}  // namespace fracas::controller
