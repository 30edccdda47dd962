#pragma once
#include "controller/serve/gatekeeper.h"
#include "controller/serve/http.h"

namespace fracas::controller {

// Who asks, the freeze switch and the audit log. Both references outlive the handlers.
Handlers people_handlers(Gatekeeper& gatekeeper, Database& database);

}  // namespace fracas::controller
