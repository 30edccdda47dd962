#include "agent/ledger.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "lib/os/file.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "fracas-ledger-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

LedgerRecord kill_record() {
  ServiceSite site;
  site.spec = {
      .name = "raft", .argv = {"/bin/raft", "--name", "n \"1\""}, .working_directory = "/var", .output = "/tmp/log"};
  site.cgroup = "/sys/fs/cgroup/fracas/n1/svc-raft";
  site.main = {.pid = 42, .start_ticks = 99};
  LedgerRecord record;
  record.id = "kill#1";
  record.kind = "process.kill";
  record.window = {.start_ns = 10, .end_ns = 20};
  record.services = {site};
  record.note = "{\"killed\":[42,43]}";
  return record;
}

}  // namespace

TEST_CASE("ledger: a record reads back as it was written", "[unit][agent]") {
  const Folder folder;
  const auto ledger = Ledger::open(folder.path() / "ledger");
  REQUIRE(ledger);
  const LedgerRecord written = kill_record();
  REQUIRE(ledger->write(written));
  const auto content = ledger->read();
  REQUIRE(content);
  REQUIRE(content->unreadable.empty());
  REQUIRE(content->records.size() == 1);
  const LedgerRecord& read = content->records.front();
  CHECK(to_json(read) == to_json(written));
  CHECK(read.services.front().spec == written.services.front().spec);
  CHECK(read.services.front().cgroup == written.services.front().cgroup);
  CHECK(read.window.end_ns == 20);
  CHECK(read.note == written.note);
}

TEST_CASE("ledger: a later write replaces the record and remove is idempotent", "[unit][agent]") {
  const Folder folder;
  const auto ledger = Ledger::open(folder.path());
  REQUIRE(ledger);
  LedgerRecord record = kill_record();
  REQUIRE(ledger->write(record));
  record.window.end_ns = 30;
  REQUIRE(ledger->write(record));
  CHECK(ledger->read()->records.at(0).window.end_ns == 30);
  CHECK(ledger->holds("kill#1"));
  CHECK(ledger->remove("kill#1"));
  CHECK(ledger->remove("kill#1"));
  CHECK_FALSE(ledger->holds("kill#1"));
  CHECK(ledger->read()->records.empty());
}

TEST_CASE("ledger: no prefix of a record parses", "[unit][agent]") {
  const std::string whole = to_json(kill_record());
  REQUIRE(parse_ledger_record(whole));
  // The last byte is the newline, without which the record is complete.
  for (std::size_t length = 0; length + 1 < whole.size(); ++length)
    CHECK_FALSE(parse_ledger_record(whole.substr(0, length)));
}

TEST_CASE("ledger: a torn record is reported and moved aside, not lost", "[unit][agent]") {
  const Folder folder;
  const auto ledger = Ledger::open(folder.path());
  REQUIRE(ledger);
  REQUIRE(ledger->write(kill_record()));
  std::ofstream(folder.path() / "torn.json") << "{\"version\":2,\"id\":\"to";
  const auto content = ledger->read();
  REQUIRE(content);
  CHECK(content->records.size() == 1);
  REQUIRE(content->unreadable.size() == 1);
  CHECK(content->unreadable.front().find("torn.json") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "torn.json"));
  CHECK_FALSE(std::filesystem::is_empty(folder.path() / "unreadable"));
  CHECK(ledger->read()->unreadable.empty());
}

TEST_CASE("ledger: a record under a foreign name or of a later version is unreadable", "[unit][agent]") {
  const Folder folder;
  const auto ledger = Ledger::open(folder.path());
  REQUIRE(ledger);
  std::ofstream(folder.path() / "other.json") << to_json(kill_record());
  std::string later = to_json(kill_record());
  later.replace(later.find("\"version\":2"), 11, "\"version\":3");
  std::ofstream(folder.path() / "kill#1.json") << later;
  const auto content = ledger->read();
  REQUIRE(content);
  CHECK(content->records.empty());
  CHECK(content->unreadable.size() == 2);
}

TEST_CASE("ledger: half-written neighbours of a crash are not records", "[unit][agent]") {
  const Folder folder;
  const auto ledger = Ledger::open(folder.path());
  REQUIRE(ledger);
  std::ofstream(folder.path() / ".kill#1.json.12.12.tmp") << "{";
  std::ofstream(folder.path() / "kill#1.lock") << "";
  const auto content = ledger->read();
  REQUIRE(content);
  CHECK(content->records.empty());
  CHECK(content->unreadable.empty());
}

TEST_CASE("ledger: what a dead writer left half-written is removed, what a living one writes stays", "[unit][agent]") {
  const Folder folder;
  const std::string dead = ".kill#1.json.4194303.4194303.tmp";  // above the highest process id there can be
  const std::string living = fmt::format(".kill#2.json.{}.1.tmp", ::getpid());
  for (const std::string& name : {dead, living, std::string("kill#3.json"), std::string(".x.tmp"), std::string(".tmp")})
    std::ofstream(folder.path() / name) << "{";
  REQUIRE(fracas::os::remove_unfinished(folder.path()));
  CHECK_FALSE(std::filesystem::exists(folder.path() / dead));
  for (const std::string& name : {living, std::string("kill#3.json"), std::string(".x.tmp"), std::string(".tmp")})
    CHECK(std::filesystem::exists(folder.path() / name));
  CHECK(fracas::os::remove_unfinished(folder.path() / "nowhere"));
}

TEST_CASE("ledger: a lock whose record is gone is stray, that of a record is not", "[unit][agent]") {
  const Folder folder;
  const auto ledger = Ledger::open(folder.path());
  REQUIRE(ledger);
  REQUIRE(ledger->write(kill_record()));
  const auto held = folder.path() / (kill_record().id + ".lock");
  std::ofstream(held) << "";
  std::ofstream(folder.path() / "gone.lock") << "";
  REQUIRE(ledger->remove_stray_locks());
  CHECK(std::filesystem::exists(held));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "gone.lock"));
  CHECK(ledger->holds(kill_record().id));
}

TEST_CASE("ledger: a record has one holder at a time, and a lock on a removed record protects nothing",
          "[unit][agent]") {
  using namespace std::chrono_literals;
  const Folder folder;
  const auto ledger = Ledger::open(folder.path());
  REQUIRE(ledger);
  {
    auto held = ledger->lock("a", 0s);
    REQUIRE(held);
    const auto second = ledger->lock("a", 0s);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == EWOULDBLOCK);
    REQUIRE(ledger->remove("a"));
    CHECK(ledger->lock("a", 0s));
  }
  CHECK(ledger->lock("a", 0s));
}
