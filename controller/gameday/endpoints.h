#pragma once
#include "controller/serve/http.h"

namespace fracas::controller::gameday {

class GameDays;

// The endpoints of game days beside those of everything else, whose StopAll from then on stops game days first, so that
// none begins its next run. `days` outlives the handlers.
Handlers with_gamedays(GameDays& days, Handlers others);

}  // namespace fracas::controller::gameday
