#include "lib/os/signals.h"

#include <initializer_list>

namespace fracas::os {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  return set;
}

}  // namespace fracas::os
