#include "targets/raft/shell/wal.h"

#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "targets/raft/shell/wal_format.h"
#include "tests/catch/catch.h"

namespace fracas::raft::test {
namespace {

// A folder that is gone again at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "fracas-wal-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void overwrite(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

const std::vector<Record> kRecords{HardState{Term(3), NodeId("n2")}, Entry{1, Term(1), "one"}, Entry{2, Term(2), ""},
                                   Entry{3, Term(3), "three"}};

}  // namespace

TEST_CASE("wal: what was written is recovered", "[unit][raft]") {
  const Folder folder;
  {
    auto opened = Wal::open(folder.path / "data", true);
    REQUIRE(opened);
    CHECK(opened->recovered.entries.empty());
    REQUIRE(opened->wal.write(kRecords));
    REQUIRE(opened->wal.write({Entry{2, Term(4), "other"}}));
  }
  auto opened = Wal::open(folder.path / "data", true);
  REQUIRE(opened);
  CHECK(opened->recovered.hard == HardState{Term(3), NodeId("n2")});
  CHECK(opened->recovered.entries == std::vector<Entry>{{1, Term(1), "one"}, {2, Term(4), "other"}});
  CHECK_FALSE(opened->recovered.snapshot);
}

TEST_CASE("wal: a snapshot replaces what was before it", "[unit][raft]") {
  const Folder folder;
  const Snapshot snapshot{2, Term(2), 77, "state"};
  {
    auto opened = Wal::open(folder.path, false);
    REQUIRE(opened->wal.write(kRecords));
    const Compaction compaction{snapshot, {Term(5), NodeId()}, {{3, Term(3), "three"}}};
    REQUIRE(opened->wal.write({HardState{Term(5), NodeId()}, compaction, Entry{4, Term(5), "four"}}));
  }
  auto opened = Wal::open(folder.path, false);
  REQUIRE(opened);
  CHECK(opened->recovered.snapshot == snapshot);
  CHECK(opened->recovered.hard == HardState{Term(5), NodeId()});
  CHECK(opened->recovered.entries == std::vector<Entry>{{3, Term(3), "three"}, {4, Term(5), "four"}});
}

TEST_CASE("wal: a tail torn anywhere is cut, and writing goes on after it", "[unit][raft]") {
  const Folder folder;
  std::size_t before_last = 0;
  {
    auto opened = Wal::open(folder.path, false);
    REQUIRE(opened->wal.write({kRecords.begin(), kRecords.end() - 1}));
    before_last = contents(folder.path / "wal").size();
    REQUIRE(opened->wal.write({kRecords.back()}));
  }
  const std::string whole = contents(folder.path / "wal");
  for (std::size_t size = before_last; size < whole.size(); ++size) {
    overwrite(folder.path / "wal", whole.substr(0, size));
    {
      auto opened = Wal::open(folder.path, false);
      REQUIRE(opened);
      CHECK(opened->recovered.entries.size() == 2);
      REQUIRE(opened->wal.write({Entry{3, Term(9), "again"}}));
    }
    auto opened = Wal::open(folder.path, false);
    REQUIRE(opened);
    CHECK(opened->recovered.entries.size() == 3);
    CHECK(opened->recovered.entries.back().term == Term(9));
  }
}

TEST_CASE("wal: a damaged last record is cut, a damaged one before whole ones is an error", "[unit][raft]") {
  std::string bytes = wal_header();
  std::vector<std::size_t> ends;
  for (const Record& record : kRecords) {
    bytes += wal_bytes(record);
    ends.push_back(bytes.size());
  }
  std::string last = bytes;
  last.back() = static_cast<char>(last.back() ^ 1);
  const auto cut = parse_wal(last);
  REQUIRE(cut);
  CHECK(cut->good_bytes == ends[2]);
  CHECK(cut->recovered.entries.size() == 2);
  for (std::size_t i = ends[0]; i < ends[2]; ++i) {
    std::string middle = bytes;
    middle[i] = static_cast<char>(middle[i] ^ 1);
    CHECK_FALSE(parse_wal(middle));
  }
}

TEST_CASE("bug checksum-ignored: a record that was cut short ends in zeros", "[unit][raft]") {
  const std::string whole = wal_header() + wal_bytes(Entry{1, Term(1), "payload"});
  const auto read = parse_wal(whole.substr(0, whole.size() - 3), false);
  REQUIRE(read);
  CHECK(read->good_bytes == whole.size());
  REQUIRE(read->recovered.entries.size() == 1);
  CHECK(read->recovered.entries[0].payload == std::string("payl") + std::string(3, '\0'));
}

TEST_CASE("wal: a foreign file and a gap are errors", "[unit][raft]") {
  CHECK_FALSE(parse_wal("something else"));
  CHECK_FALSE(parse_wal(""));
  CHECK_FALSE(parse_wal(wal_header() + wal_bytes(Entry{2, Term(1), "x"})));
}

TEST_CASE("wal: a folder in use is refused", "[unit][raft]") {
  const Folder folder;
  auto first = Wal::open(folder.path, false);
  REQUIRE(first);
  CHECK_FALSE(Wal::open(folder.path, false));
}

}  // namespace fracas::raft::test
