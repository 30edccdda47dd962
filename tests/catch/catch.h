#pragma once
// Catch2 version 2 and 3 from one source: Debian 12 ships 2, newer systems ship 3.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <cstdio>

// Ends a test case that this machine cannot run, and says why; ctest then reports it as skipped.
#define FRACAS_SKIP(reason)             \
  do {                                  \
    std::printf("[SKIP] %s\n", reason); \
    return;                             \
  } while (false)
