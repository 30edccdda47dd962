#pragma once
#include <csignal>
#include <optional>

#include "lib/model/fault.pb.h"

namespace fracas::model {

// The number of a signal on Linux; nothing for a value that a newer program may have sent.
inline std::optional<int> signal_number(Signal signal) {
  switch (signal) {
    case SIGNAL_KILL:
      return SIGKILL;
    case SIGNAL_TERM:
      return SIGTERM;
    case SIGNAL_INT:
      return SIGINT;
    case SIGNAL_HUP:
      return SIGHUP;
    case SIGNAL_QUIT:
      return SIGQUIT;
    case SIGNAL_ABRT:
      return SIGABRT;
    default:
      return std::nullopt;
  }
}

}  // namespace fracas::model
