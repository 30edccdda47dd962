#pragma once
#include <cstdint>
#include <string_view>

namespace fracas::node {

// CRC-32C (Castagnoli) of `data`, continuing from `crc` (0 to begin). Source: RFC 3720, appendix B.4.
std::uint32_t crc32c(std::string_view data, std::uint32_t crc = 0);

// Spreads every input bit over the result. Source: the finaliser of splitmix64.
constexpr std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

// Folds `value` into `hash`; the order of calls matters.
constexpr std::uint64_t combine(std::uint64_t hash, std::uint64_t value) {
  return mix(hash * 0x9e3779b97f4a7c15U + mix(value + 0x2545f4914f6cdd1dU));
}

// The same on every machine. Not for hostile input.
std::uint64_t hash_bytes(std::string_view data);

}  // namespace fracas::node
