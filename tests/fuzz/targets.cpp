#include "tests/fuzz/targets.h"

#include <array>

namespace fracas::fuzz {
namespace {

constexpr std::size_t kTextMax = 4096;

constexpr std::array kTargets{
    Target{"json-lines", [](auto bytes) { read_bytes("json-lines", bytes); }, kTextMax},
    Target{"edn", [](auto bytes) { read_bytes("edn", bytes); }, kTextMax},
    Target{"etcd-log", [](auto bytes) { read_bytes("etcd-log", bytes); }, kTextMax},
    Target{"csv", [](auto bytes) { read_bytes("csv", bytes); }, kTextMax},
    Target{"session-text", [](auto bytes) { read_bytes("session-text", bytes); }, kTextMax},
    Target{"plume-text", [](auto bytes) { read_bytes("plume-text", bytes); }, kTextMax},
    Target{"raft-trace", [](auto bytes) { read_bytes("raft-trace", bytes); }, kTextMax},
    Target{"search", search_bytes, 64},
    Target{"request", ask_bytes, kTextMax},
    Target{"experiment", experiment_bytes, kTextMax},
};

}  // namespace

std::span<const Target> targets() {
  return kTargets;
}

const Target* find_target(std::string_view name) {
  for (const Target& target : kTargets)
    if (target.name == name) return &target;
  return nullptr;
}

}  // namespace fracas::fuzz
