#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace fracas::node {

// Writes numbers in little-endian order and texts with a 32-bit length in front.
class ByteWriter {
 public:
  void u8(std::uint8_t value) { number(value, 1); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void i64(std::int64_t value) { number(static_cast<std::uint64_t>(value), 8); }
  void text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    make_room(value.size());
    bytes_ += value;
  }
  const std::string& bytes() const { return bytes_; }
  // Asks for memory once, for all that is to come. `bytes`: how much there will be.
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  // Replaces four bytes that were written before, from `offset` on.
  void put_u32(std::size_t offset, std::uint32_t value) { std::memcpy(bytes_.data() + offset, &value, sizeof value); }
  std::string take() { return std::exchange(bytes_, {}); }

 private:
  void number(std::uint64_t value, std::size_t size) {
    static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");
    std::array<char, sizeof value> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    make_room(size);
    bytes_.append(raw.data(), size);
  }
  // Most records are a little longer than what a string holds without asking for memory, which is then asked for once.
  void make_room(std::size_t more) {
    constexpr std::size_t kUsual = 96;
    const std::size_t wanted = bytes_.size() + more;
    if (wanted > bytes_.capacity()) bytes_.reserve(std::max({wanted, 2 * bytes_.capacity(), kUsual}));
  }
  std::string bytes_;
};

// Reads what ByteWriter wrote. Past the end every read gives zero and `ok()` stays false for good, so a decoder
// checks once, at its end. Borrows the bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::int64_t i64() { return static_cast<std::int64_t>(number(8)); }
  std::string_view text() { return raw(u32()); }
  // A number of items that follow, each at least `item_bytes` long: a larger count than fits makes the reader fail.
  std::uint32_t count(std::size_t item_bytes) {
    const std::uint32_t items = u32();
    if (items > rest_.size() / item_bytes) fail();
    return ok_ ? items : 0;
  }
  void fail() {
    ok_ = false;
    rest_ = {};
  }
  bool ok() const { return ok_; }
  // True where everything was read and nothing is left.
  bool done() const { return ok_ && rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view raw(std::size_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view taken = raw(size);
    if (!taken.empty()) std::memcpy(&value, taken.data(), taken.size());
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace fracas::node
