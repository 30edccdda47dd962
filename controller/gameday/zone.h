#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace date {
class time_zone;
}

// Time zones of the system's database (tzdata), by date-tz, which stays behind this header.
namespace fracas::controller::gameday {

using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::sys_seconds;

class Zone {
 public:
  // ERRORS: no such zone in this system's database; no database.
  static Result<Zone> find(const std::string& name);

  const std::string& name() const { return name_; }

  // What the zone's clocks show at an instant.
  local_seconds local(sys_seconds instant) const;
  // When the zone's clocks show `local`. Of a time that comes twice the first; of one that they skip, the instant at
  // which they go forward over it. So a later local time never gives an earlier instant, but where a time comes twice.
  sys_seconds instant(local_seconds local) const;
  // "Fri 2026-11-27 14:00 CET", in the zone.
  std::string text(sys_seconds instant) const;

 private:
  Zone(std::string name, const date::time_zone* zone) : name_(std::move(name)), zone_(zone) {}
  std::string name_;
  const date::time_zone* zone_ = nullptr;  // date-tz's own, for the life of the program
};

// "2026-11-27T13:00:00Z", as RFC 3339 writes it in UTC.
std::string rfc3339(sys_seconds instant);
// "2026-11-27T13:00:00.250Z".
std::string rfc3339(std::chrono::sys_time<std::chrono::milliseconds> instant);

}  // namespace fracas::controller::gameday
