#include "agent/fault_record.h"

#include <stdlib.h>

#include <filesystem>
#include <optional>

#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;

namespace {

class Fixture {
 public:
  Fixture() {
    std::string name = (std::filesystem::temp_directory_path() / "fracas-record-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    ledger_.emplace(Ledger::open(path_).value());
  }
  ~Fixture() { std::filesystem::remove_all(path_); }
  const Ledger& ledger() const { return *ledger_; }
  std::unique_ptr<FaultRecord> record() const {
    LedgerRecord first;
    first.id = "kill#1";
    first.kind = "process.kill";
    return FaultRecord::write(*ledger_, first).value();
  }
  LedgerRecord on_disk() const { return ledger_->read().value().records.at(0); }

 private:
  std::filesystem::path path_;
  std::optional<Ledger> ledger_;
};

}  // namespace

TEST_CASE("fault record: note and window are on the disk at once and keep each other", "[unit][agent]") {
  const Fixture fixture;
  const auto record = fixture.record();
  CHECK(fixture.on_disk().note.empty());
  REQUIRE(record->note("{\"killed\":[1]}"));
  REQUIRE(record->set_window({.start_ns = 5, .end_ns = 7}));
  CHECK(fixture.on_disk().note == "{\"killed\":[1]}");
  CHECK(fixture.on_disk().window.end_ns == 7);
  REQUIRE(record->note("later"));
  CHECK(fixture.on_disk().window.end_ns == 7);
}

TEST_CASE("fault record: whoever holds it may write it, and others find it locked", "[unit][agent]") {
  const Fixture fixture;
  const auto record = fixture.record();
  {
    const auto held = record->hold();
    REQUIRE(held);
    REQUIRE(record->note("while held"));
    CHECK_FALSE(fixture.ledger().lock("kill#1", Duration(0)));
  }
  CHECK(fixture.ledger().lock("kill#1", Duration(0)));
}

TEST_CASE("fault record: one that somebody undid is not written again", "[unit][agent]") {
  const Fixture fixture;
  const auto record = fixture.record();
  REQUIRE(fixture.ledger().remove("kill#1"));
  CHECK_FALSE(record->exists());
  CHECK_FALSE(record->note("too late"));
  CHECK_FALSE(record->set_window({.start_ns = 5, .end_ns = 7}));
  CHECK_FALSE(fixture.ledger().holds("kill#1"));
}
