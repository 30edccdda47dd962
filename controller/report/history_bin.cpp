#include "controller/report/history_bin.h"

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "checker/history/answered.h"

namespace fracas::controller {
namespace {

static_assert(std::endian::native == std::endian::little, "columns are written as they lie in memory");

constexpr std::size_t kAlign = 8;
constexpr std::uint32_t kLanesMax = 0xffff;  // further processes share the last
constexpr std::uint8_t kOk = 0, kFail = 1, kInfo = 2;
constexpr const char* kMismatch = "did not match";  // what a compare-and-set answers that saw another value

void pad(std::string& bytes, char with) {
  bytes.append((kAlign - bytes.size() % kAlign) % kAlign, with);
}

void append(std::string& bytes, std::uint32_t number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <typename Number>
void append(std::string& bytes, const std::vector<Number>& column) {
  bytes.append(reinterpret_cast<const char*>(column.data()), column.size() * sizeof(Number));
  pad(bytes, '\0');
}

}  // namespace

std::uint32_t HistoryColumns::Names::place(const std::string& text) {
  const auto [found, added] = places.try_emplace(text, static_cast<std::uint32_t>(texts.size()));
  if (added) texts.push_back(text);
  return found->second;
}

std::uint32_t HistoryColumns::value_place(const model::Value& value) {
  return std::holds_alternative<std::monostate>(value) ? kNone : values_.place(model::to_json(value));
}

void HistoryColumns::add(const model::Event& event) {
  if (event.type == model::EventType::invoke) return begin(event);
  const auto open = open_.find(event.process);
  if (open == open_.end()) return;
  complete(open->second, event);
  open_.erase(open);
}

void HistoryColumns::begin(const model::Event& event) {
  open_[event.process] = start_ms_.size();
  start_ms_.push_back(static_cast<double>(event.time_ns - origin_ns_) / 1e6);
  end_ms_.push_back(std::numeric_limits<double>::infinity());
  lane_.push_back(static_cast<std::uint16_t>(std::min(lanes_.place(event.process), kLanesMax)));
  kind_.push_back(kInfo);
  function_.push_back(static_cast<std::uint8_t>(functions_.place(std::string(model::name(event.function)))));
  key_.push_back(event.key.empty() ? kNone : keys_.place(event.key));
  input_.push_back(value_place(event.value));
  output_.push_back(kNone);
}

void HistoryColumns::complete(std::size_t operation, const model::Event& event) {
  if (event.type == model::EventType::info) return;  // it may still take effect at any time
  end_ms_[operation] = static_cast<double>(event.time_ns - origin_ns_) / 1e6;
  kind_[operation] = checker::answered(event) ? kOk : kFail;
  if (checker::answered_mismatch(event)) output_[operation] = values_.place(kMismatch);
  if (event.type != model::EventType::ok) return;
  const std::uint32_t answer = value_place(event.value);
  if (answer != input_[operation]) output_[operation] = answer;
}

std::string HistoryColumns::bytes() const {
  const nlohmann::ordered_json object{
      {"lanes", lanes_.texts}, {"functions", functions_.texts}, {"keys", keys_.texts}, {"values", values_.texts}};
  std::string header = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  pad(header, ' ');
  std::string bytes = "FRH1";
  append(bytes, static_cast<std::uint32_t>(start_ms_.size()));
  append(bytes, static_cast<std::uint32_t>(lanes_.texts.size()));
  append(bytes, static_cast<std::uint32_t>(header.size()));
  bytes += header;
  append(bytes, start_ms_);
  append(bytes, end_ms_);
  append(bytes, lane_);
  append(bytes, kind_);
  append(bytes, function_);
  append(bytes, key_);
  append(bytes, input_);
  append(bytes, output_);
  return bytes;
}

}  // namespace fracas::controller
