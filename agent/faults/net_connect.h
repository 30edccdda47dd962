#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Spoils the connection attempts of its services: agent/sockets/net_connect.h.
extern const FaultKind kNetConnect;

}  // namespace fracas::agent
