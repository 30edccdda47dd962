#pragma once
#include <string>

namespace fracas::controller {

// The wall clock now, for people and records of the store: RFC 3339, UTC, milliseconds: "2026-11-21T22:15:00.123Z".
std::string wall_now();

}  // namespace fracas::controller
