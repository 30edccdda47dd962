#include "targets/node/data/hash.h"

#include <array>
#include <bit>
#include <cstring>

namespace fracas::node {
namespace {

using Table = std::array<std::uint32_t, 256>;

// kTables[k][byte]: what the byte does to a checksum that goes on for k more bytes. Source: Kounavis and Berry, "A
// Systematic Approach to Building High Performance Software-Based CRC Generators" (2005): slicing by 8.
constexpr std::array<Table, 8> make_tables() {
  std::array<Table, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k)
    for (std::size_t byte = 0; byte < 256; ++byte)
      tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 0xffU];
  return tables;
}

constexpr auto kTables = make_tables();
static_assert(std::endian::native == std::endian::little, "words are taken from memory as they are");

#ifdef __x86_64__
// With the processor's own instruction for just this sum. Source: Intel SDM, volume 2, "CRC32".
[[gnu::target("sse4.2")]] std::uint32_t crc32c_by_processor(std::string_view data, std::uint32_t crc) {
  std::uint64_t sum = ~crc;
  for (; data.size() >= 8; data.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data(), sizeof(word));
    sum = __builtin_ia32_crc32di(sum, word);
  }
  auto rest = static_cast<std::uint32_t>(sum);
  for (const char c : data) rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(c));
  return ~rest;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view data, std::uint32_t crc) {
#ifdef __x86_64__
  static const bool kProcessorKnows = __builtin_cpu_supports("sse4.2") != 0;
  if (kProcessorKnows) return crc32c_by_processor(data, crc);
#endif
  crc = ~crc;
  for (; data.size() >= 8; data.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data(), sizeof(word));
    word ^= crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k, word >>= 8) crc ^= kTables[7 - k][word & 0xffU];
  }
  for (const char c : data) crc = kTables[0][(crc ^ static_cast<unsigned char>(c)) & 0xffU] ^ (crc >> 8);
  return ~crc;
}

std::uint64_t hash_bytes(std::string_view data) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : data) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return mix(hash ^ data.size());
}

}  // namespace fracas::node
