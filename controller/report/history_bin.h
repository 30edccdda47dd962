#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/model/history.h"

namespace fracas::controller {

// A history as columns of numbers, for a page that draws a million operations. Little endian:
//   "FRH1", uint32 operations, uint32 lanes, uint32 length of the header,
//   header: JSON {"lanes":["c0",…],"functions":["read",…],"keys":[…],"values":[…]}, padded with spaces,
//   start_ms f64[n], end_ms f64[n] (+infinity: never completed), lane u16[n], kind u8[n] (0 ok, 1 fail, 2 info),
//   function u8[n], key u32[n], input u32[n], output u32[n] (places in the lists of the header; 0xffffffff: none).
// Operations are in the order of their starts; the header ends, and each column begins, at a multiple of eight. A
// compare-and-set that saw another value than it expected was answered: its kind is ok, its output "did not match".
class HistoryColumns {
 public:
  // Times are told since `origin_ns`.
  explicit HistoryColumns(std::int64_t origin_ns) : origin_ns_(origin_ns) {}

  // The next event of a history; what breaks its rules is passed over.
  void add(const model::Event& event);
  std::string bytes() const;

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  // Texts and their places.
  struct Names {
    std::vector<std::string> texts;
    std::unordered_map<std::string, std::uint32_t> places;
    std::uint32_t place(const std::string& text);
  };
  void begin(const model::Event& event);
  void complete(std::size_t operation, const model::Event& event);
  std::uint32_t value_place(const model::Value& value);

  std::int64_t origin_ns_;
  Names lanes_, functions_, keys_, values_;
  std::unordered_map<std::string, std::size_t> open_;  // by process
  std::vector<double> start_ms_, end_ms_;
  std::vector<std::uint16_t> lane_;
  std::vector<std::uint8_t> kind_, function_;
  std::vector<std::uint32_t> key_, input_, output_;
};

}  // namespace fracas::controller
