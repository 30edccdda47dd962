#pragma once
#include <string>

#include "controller/workload/client.h"
#include "lib/model/history.h"
#include "targets/node/client/outcome.h"

// How a call stands in the history, whichever load made it. The times are the recorder's.
namespace fracas::controller {

// The event with which `process` begins the call.
model::Event invocation(const std::string& process, const Call& call);

// Turns an invocation into the event with which it ends.
void complete(model::Event& event, Answer answer);

// How a call of a bundled store's client ended, in the history's terms.
model::EventType event_type(node::Outcome outcome);

}  // namespace fracas::controller
