#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace fracas::controller {

// Bounds what strangers can make the audit log hold: of the refusals to one address the first kLoggedMax in a minute
// are entries of their own, of the others only the number. Thread: any.
class Refusals {
 public:
  static constexpr std::uint64_t kLoggedMax = 20;
  static constexpr std::int64_t kWindowNs = 60'000'000'000;
  static constexpr std::size_t kAddressesMax = 4096;

  struct Decision {
    bool log = false;            // write an entry about this one
    bool limited = false;        // too many: answer 429
    std::uint64_t unlogged = 0;  // refusals of the address's minute before that have no entry yet
  };
  // Somebody at that address was refused at that moment of CLOCK_BOOTTIME.
  Decision count(const std::string& address, std::int64_t now_ns);

 private:
  struct Window {
    std::int64_t begin_ns = 0;
    std::uint64_t refused = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Window> windows_;
};

}  // namespace fracas::controller
