#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// What is fuzzed. A target takes any bytes, and aborts where the checker breaks a promise; sanitizers see the rest.
// corpus/NAME holds its seeds. Run by ./dev fuzz under libFuzzer, and for a moment in every test run by fuzz_rounds.
namespace fracas::fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::span<const std::uint8_t> bytes);
  std::size_t bytes_max;  // longer inputs are not tried
};

// One for each format, "search", "request" and "experiment". Lives as long as the program.
std::span<const Target> targets();

// Nothing where there is no such target.
const Target* find_target(std::string_view name);

// One input for one reader: the first byte chooses its options, so that one corpus finds its way through all of them.
void read_bytes(std::string_view format, std::span<const std::uint8_t> bytes);
// One small history for one model, both chosen by the bytes; the verdict must be that of every order tried.
void search_bytes(std::span<const std::uint8_t> bytes);
// One request of the HTTP API; the first byte says whether its sender is known.
void ask_bytes(std::span<const std::uint8_t> bytes);
// One experiment in TOML.
void experiment_bytes(std::span<const std::uint8_t> bytes);

}  // namespace fracas::fuzz
