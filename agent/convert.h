#pragma once
#include "agent/fault_table.h"
#include "agent/faults/net.h"
#include "agent/heal.h"
#include "agent/injection.h"
#include "lib/base/result.h"
#include "lib/model/agent.pb.h"

// Between the messages of the wire and the agent's plain values. Pure.
namespace fracas::agent {

// ERRORS: EINVAL; only what cannot be expressed as a value is found here, ranges are checked by check_order.
Result<Order> order_from(const model::PrepareRequest& request);
ServiceSpec service_from(const model::StartServiceRequest& request);
Duration duration_from(const google::protobuf::Duration& duration);

void fill(const FaultReport& report, model::Counters& counters);
void fill(const NetSupport& support, model::FaultSupport& message);
void fill(const HealOutcome& outcome, model::HealReply& reply);

}  // namespace fracas::agent
