#pragma once
#include <cstdio>

#include "lib/os/netns.h"

// Ends the test case, as skipped, where network namespaces may not be made.
#define FRACAS_NEEDS_NET_RIGHTS()                                                          \
  if (auto probe_netns = fracas::os::NetNamespace::create(); !probe_netns) {               \
    std::printf("[SKIP] no network namespace: %s\n", probe_netns.error().message.c_str()); \
    return;                                                                                \
  }                                                                                        \
  static_cast<void>(0)
