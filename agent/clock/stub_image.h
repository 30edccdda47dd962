#pragma once
#include <cstdint>
#include <span>

#include "agent/clock/stub.abi.h"

namespace fracas::agent::clock {

// The linked stub as it goes into a victim, but for its trampoline and its owner. It begins with its header.
std::span<const std::uint8_t> stub_image();

// Its header, every group inactive.
fracas_clock_header stub_header();

// A config that shifts nothing.
fracas_clock_config idle_config();

}  // namespace fracas::agent::clock
