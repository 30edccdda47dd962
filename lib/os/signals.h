#pragma once
#include <csignal>

namespace fracas::os {

// The signals by which people and service managers ask a program to end: SIGINT, SIGTERM and SIGHUP.
sigset_t ending_signals();

}  // namespace fracas::os
