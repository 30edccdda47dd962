#pragma once
#include <filesystem>
#include <string>

#include "lib/os/process.h"

namespace fracas::test {

// A PostgreSQL of Debian's, in a folder of its own and on a Unix socket there, and on an address where it is given one;
// ended and removed with the object.
class Postgres {
 public:
  // What is not installed; empty: all is there.
  static std::string missing();

  // REQUIRES: root, and nothing missing. Throws if it does not start.
  explicit Postgres(const std::string& address = "");
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  // For libpq, and `fracas serve --store`.
  std::string settings() const { return "host=" + folder_.string() + kNames; }
  // The same by its address. REQUIRES: one was given.
  std::string settings_by_network() const { return "host=" + address_ + kNames; }

 private:
  os::Process start(const std::vector<std::string>& words) const;

  static constexpr const char* kNames = " user=postgres dbname=postgres";
  const std::string address_;
  std::filesystem::path folder_;
  os::Process server_;
};

}  // namespace fracas::test
