#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "checker/history/value.h"
#include "lib/model/history.h"

namespace fracas::checker {

// One event as its format spells it. Texts are borrowed for the call; empty means absent.
struct EventFields {
  std::string_view type;      // "invoke", "ok", "fail", "info"
  std::string_view function;  // absent: the event is a transaction, as Elle writes some
  std::string_view process;   // "nemesis" for faults
  std::string_view node;
  std::string_view error;  // why a fail or an info
  std::optional<std::int64_t> time_ns;
  Value key;  // of the reader's Values, as is `value`
  Value value;
};

// Nothing where the text is none of the four.
inline std::optional<model::EventType> type_of(std::string_view text) {
  if (text == "invoke") return model::EventType::invoke;
  if (text == "ok") return model::EventType::ok;
  if (text == "fail") return model::EventType::fail;
  if (text == "info") return model::EventType::info;
  return std::nullopt;
}

}  // namespace fracas::checker
