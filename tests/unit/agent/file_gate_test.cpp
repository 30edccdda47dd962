#include "agent/disk/file_gate.h"

#include <cerrno>

#include "tests/catch/catch.h"

namespace fracas::agent {

TEST_CASE("file gate: serves rules that fail calls it is asked about, and no others", "[unit][agent]") {
  const DiskRule served{.operations = {DiskOperation::read, DiskOperation::rename}, .share = 0.5, .error = EIO};
  CHECK(check_file_gate(served));
  const auto why_not = [&served](void (*change)(DiskRule&)) {
    DiskRule rule = served;
    change(rule);
    const auto serves = check_file_gate(rule);
    return serves ? std::string() : serves.error().message;
  };
  CHECK(why_not([](DiskRule& rule) { rule.operations.push_back(DiskOperation::fsync); }).find("fsync") !=
        std::string::npos);
  CHECK(why_not([](DiskRule& rule) { rule.operations.clear(); }).find("fsync") != std::string::npos);
  CHECK(why_not([](DiskRule& rule) { rule.files = "wal*"; }).find("pattern") != std::string::npos);
  CHECK(why_not([](DiskRule& rule) { rule.error = 0; }).find("errno") != std::string::npos);
  CHECK_FALSE(why_not([](DiskRule& rule) { rule.delay = Duration(1); }).empty());
  CHECK_FALSE(why_not([](DiskRule& rule) { rule.free_bytes = 1; }).empty());
}

}  // namespace fracas::agent
