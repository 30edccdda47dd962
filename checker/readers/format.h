#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "lib/base/result.h"

namespace fracas::checker {

enum class Format : std::uint8_t {
  json_lines,    // ours, and Jepsen's histories as JSON: one event a line
  edn,           // Jepsen, Knossos, Elle; Porcupine's key-value logs
  etcd_log,      // the console log of Jepsen's etcd test, Porcupine's test data
  csv,           // with a header
  session_text,  // AWDIT: "r KEY VALUE", a line of - between transactions, one of = between sessions
  plume_text,    // Plume: "r(KEY,VALUE,SESSION,TRANSACTION)"
  node_events,   // what Raft's nodes say of themselves, as our targets write it; see node_events.h for both
  raft_trace,    // the same from etcd's tracer
};

struct FormatName {
  Format format;
  std::string_view name;  // "json-lines"
  std::string_view doc;   // one line
};
std::span<const FormatName> formats();

std::string_view name(Format format);

// ERRORS: the names there are.
Result<Format> find_format(std::string_view name);

// By the first bytes; an empty text is an empty history. ERRORS: none of the formats begins like that; says what was
// found, and what would be expected.
Result<Format> recognize(std::string_view bytes);

}  // namespace fracas::checker
