#pragma once
#include <array>
#include <string>

#include "checker/history/json_scanner.h"
#include "checker/history/values.h"
#include "checker/readers/event_fields.h"

namespace fracas::checker {

// Reads the events of JSON lines, one at a time.
class JsonEvents {
 public:
  // The event that is next, with the end of its line; its texts stand in the scanner's bytes or in this, until the next
  // one is read. False where it is none: the scanner's problem() says why.
  bool read(JsonScanner& scan, Values& values, EventFields& event);

 private:
  enum class Member : std::uint8_t { time, process, type, function, key, value, node, error, other };
  static Member member_of(std::string_view name);
  bool read_member(JsonScanner& scan, Values& values, Member member, EventFields& event);
  bool read_error(JsonScanner& scan, EventFields& event);

  unsigned seen_ = 0;  // a bit for each member
  std::string name_storage_;
  std::array<std::string, 5> storage_;  // of members with escapes
};

}  // namespace fracas::checker
