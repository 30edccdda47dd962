#pragma once
#include <filesystem>
#include <string>

#include "lib/os/process.h"

namespace fracas::test {

// A PostgreSQL of Debian's, in a folder of its own and on a Unix socket there; ended and removed with the object.
class Postgres {
 public:
  // What is not installed; empty: all is there.
  static std::string missing();

  // REQUIRES: root, and nothing missing. Throws if it does not start.
  Postgres();
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  // For libpq, and `fracas serve --store`.
  std::string settings() const { return "host=" + folder_.string() + " user=postgres dbname=postgres"; }

 private:
  os::Process start(const std::vector<std::string>& words) const;

  std::filesystem::path folder_;
  os::Process server_;
};

}  // namespace fracas::test
