#include "checker/structures/free_moments.h"

#include <algorithm>
#include <bit>

#include "checker/history/history.h"

namespace fracas::checker {
namespace {

constexpr unsigned kWordBits = 64;
constexpr std::uint64_t kAll = ~std::uint64_t{0};

// The bits of a word from this one on.
std::uint64_t from_bit(std::size_t bit) {
  return kAll << (bit % kWordBits);
}

}  // namespace

void FreeMoments::close() {
  append(kNever);
}

void FreeMoments::free_all() {
  free_.clear();
  for (std::size_t bits = times_.size(); free_.empty() || bits > 1;) {
    const std::size_t words = (bits + kWordBits - 1) / kWordBits;
    free_.emplace_back(words, kAll);
    if (bits % kWordBits != 0) free_.back().back() = ~from_bit(bits);
    bits = words;
  }
}

std::uint32_t FreeMoments::number_of(std::int64_t at) const {
  return static_cast<std::uint32_t>(std::lower_bound(times_.begin(), times_.end(), at) - times_.begin());
}

std::uint32_t FreeMoments::first_free(std::uint32_t moment) const {
  std::size_t bit = moment;
  std::size_t level = 0;
  // Up to where the rest of a word holds something free; there always is such, for the last moment is.
  for (;; ++level) {
    const auto& words = free_[level];
    const std::size_t word = bit / kWordBits;
    if (const std::uint64_t rest = word < words.size() ? words[word] & from_bit(bit) : 0; rest != 0) {
      bit = word * kWordBits + static_cast<std::size_t>(std::countr_zero(rest));
      break;
    }
    bit = word + 1;
  }
  while (level-- > 0) bit = bit * kWordBits + static_cast<std::size_t>(std::countr_zero(free_[level][bit]));
  return static_cast<std::uint32_t>(bit);
}

void FreeMoments::cover(std::uint32_t from, std::uint32_t to) {
  if (from >= to) return;
  for (std::size_t i = first_free(from + 1); i < to; i = first_free(static_cast<std::uint32_t>(i))) {
    std::size_t word = i / kWordBits;
    const std::size_t end = std::min<std::size_t>(to, (word + 1) * kWordBits);
    free_[0][word] &= ~from_bit(i) | (end % kWordBits == 0 ? 0 : from_bit(end));
    for (std::size_t level = 0; free_[level][word] == 0; word /= kWordBits)
      free_[++level][word / kWordBits] &= ~(std::uint64_t{1} << (word % kWordBits));
    i = end;
  }
}

}  // namespace fracas::checker
