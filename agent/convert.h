#pragma once
#include "agent/fault_support.h"
#include "agent/fault_table.h"
#include "agent/heal.h"
#include "agent/order.h"
#include "lib/base/result.h"
#include "lib/model/agent.pb.h"

// Between the messages of the wire and the agent's plain values. Pure.
namespace fracas::agent {

// Borrows the request's injection.
Order order_from(const model::PrepareRequest& request);
ServiceSpec service_from(const model::StartServiceRequest& request);

void fill(const FaultReport& report, model::Counters& counters);
void fill(const FaultSupport& support, model::FaultSupport& message);
void fill(const HealOutcome& outcome, model::HealReply& reply);

}  // namespace fracas::agent
