#include "agent/clock/stub_image.h"

#include <cstring>
#include <limits>

extern "C" {
extern const std::uint8_t fracas_clock_stub[];
extern const std::uint8_t fracas_clock_stub_end[];
}

namespace fracas::agent::clock {

std::span<const std::uint8_t> stub_image() {
  return {&fracas_clock_stub[0], &fracas_clock_stub_end[0]};
}

fracas_clock_header stub_header() {
  fracas_clock_header header{};
  std::memcpy(&header, stub_image().data(), sizeof header);
  header.config[0] = header.config[1] = idle_config();
  return header;
}

fracas_clock_config idle_config() {
  fracas_clock_config config{};
  for (fracas_clock_group& group : config.group)
    group.start_ns = group.end_ns = std::numeric_limits<std::int64_t>::max();
  return config;
}

}  // namespace fracas::agent::clock
