#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>

#include "agent/disk/disk_mount.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "tests/catch/catch.h"

namespace fracas::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using agent::DiskOperation;
using agent::DiskRule;

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kForever = std::int64_t{1} << 62;

#define FRACAS_NEEDS_FUSE()                                                                 \
  if (auto works = agent::probe_disk(); !works) FRACAS_SKIP(works.error().message.c_str()); \
  static_cast<void>(0)

// A folder with one file, served with faults.
class Disk {
 public:
  explicit Disk(const DiskRule& rule) : control_(agent::DiskControlMemory::create(rule).value()) {
    std::string name = (fs::temp_directory_path() / "fracas disk XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    std::ofstream(folder_ / "old") << "before";
    REQUIRE_FALSE(agent::is_disk_mount(folder_));
    auto server = agent::mount_disk(folder_, control_, "fracas-test");
    INFO((server ? std::string() : server.error().message));
    REQUIRE(server);
    server_.emplace(std::move(*server));
    identity_ = os::ProcessIdentity::of(server_->pid()).value();
    REQUIRE(agent::is_disk_mount(folder_));
    const auto mounts = agent::disk_mounts_of("fracas-test");
    REQUIRE(std::find(mounts.begin(), mounts.end(), folder_.string()) != mounts.end());
  }
  ~Disk() {
    static_cast<void>(agent::unmount_disk(folder_, identity_));
    static_cast<void>(server_->wait_for(1s));
    fs::remove_all(folder_);
  }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  void arm(Duration length = 1h) {
    const std::int64_t now = os::boot_now_ns();
    control_.set_lease_end(kForever);
    control_.set_window({now, now + length.count()});
  }
  void unmount() {
    const auto unmounted = agent::unmount_disk(folder_, identity_);
    INFO((unmounted ? std::string() : unmounted.error().message));
    REQUIRE(unmounted);
    REQUIRE_FALSE(agent::is_disk_mount(folder_));
    REQUIRE(server_->wait_for(1s));
  }
  agent::DiskControlMemory& control() { return control_; }
  os::Process& server() { return *server_; }
  fs::path operator/(const char* name) const { return folder_ / name; }

 private:
  agent::DiskControlMemory control_;
  fs::path folder_;
  std::optional<os::Process> server_;
  os::ProcessIdentity identity_;
};

os::UniqueFd open_at(const fs::path& path, int flags = O_RDWR) {
  return os::UniqueFd(::open(path.c_str(), flags | O_CLOEXEC, 0644));
}

// The errno of a call; 0 if it went well.
int error_of(long result) {
  return result < 0 ? errno : 0;
}

int write_text(const os::UniqueFd& file, const std::string& text) {
  return error_of(::write(file.get(), text.data(), text.size()));
}

std::string content(const fs::path& path) {
  return os::read_file(path).value_or("<unreadable>");
}

}  // namespace

TEST_CASE("disk: an unarmed file system only passes on", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.error = EIO});
  CHECK(content(disk / "old") == "before");
  REQUIRE(fs::create_directory(disk / "folder"));
  {
    const auto file = open_at(disk / "folder/new", O_RDWR | O_CREAT | O_APPEND);
    CHECK(write_text(file, "one ") == 0);
    CHECK(write_text(file, "two") == 0);
    CHECK(::fsync(file.get()) == 0);
    struct stat before {
    }, after{};
    REQUIRE(::fstat(file.get(), &before) == 0);
    REQUIRE(::unlink((disk / "folder/new").c_str()) == 0);
    CHECK(write_text(file, "!") == 0);
    REQUIRE(::fstat(file.get(), &after) == 0);
    CHECK(after.st_size == 8);
    CHECK(before.st_ino == after.st_ino);
  }
  // Folders are read and synced by descriptor alone.
  CHECK(std::distance(fs::directory_iterator(disk / ""), fs::directory_iterator()) == 2);
  CHECK(::fsync(open_at(disk / "folder", O_RDONLY | O_DIRECTORY).get()) == 0);
  fs::rename(disk / "old", disk / "folder/renamed");
  fs::create_symlink("folder/renamed", disk / "link");
  CHECK(content(disk / "link") == "before");
  fs::permissions(disk / "folder/renamed", fs::perms::owner_read);
  fs::resize_file(disk / "folder/renamed", 3);
  disk.unmount();
  CHECK(content(disk / "link") == "bef");
  CHECK(fs::status(disk / "folder/renamed").permissions() == fs::perms::owner_read);
  CHECK(disk.control().counters() == model::EffectCounters{});
}

TEST_CASE("disk.error: the picked calls on the picked files fail, inside the window", "[kernel][agent][vm]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.files = "wal*", .operations = {DiskOperation::fsync, DiskOperation::write}, .error = EIO});
  const auto wal = open_at(disk / "wal", O_RDWR | O_CREAT);
  const auto other = open_at(disk / "other", O_RDWR | O_CREAT);
  disk.arm(600ms);
  CHECK(write_text(wal, "x") == EIO);
  CHECK(error_of(::fsync(wal.get())) == EIO);
  CHECK(error_of(::fdatasync(wal.get())) == EIO);
  CHECK(write_text(other, "x") == 0);
  CHECK(error_of(::fsync(other.get())) == 0);
  CHECK(open_at(disk / "wal"));
  const auto counters = disk.control().counters();
  CHECK(counters.matched == 3);
  CHECK(counters.affected == 3);
  CHECK(counters.first_ns > 0);
  CHECK(counters.last_ns > counters.first_ns);
  os::sleep_until_boot_ns(os::boot_now_ns() + 600 * kMs);
  CHECK(write_text(wal, "x") == 0);
  CHECK(error_of(::fsync(wal.get())) == 0);
  CHECK(disk.control().counters() == counters);
}

TEST_CASE("disk.error: open, read and rename too, each with its errno", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk opens({.operations = {DiskOperation::open}, .error = EACCES});
  Disk reads({.operations = {DiskOperation::read}, .error = EIO});
  Disk renames({.operations = {DiskOperation::rename}, .error = EROFS});
  const auto file = open_at(reads / "old");
  char byte = 0;
  REQUIRE(::read(file.get(), &byte, 1) == 1);
  for (Disk* disk : {&opens, &reads, &renames}) disk->arm();
  CHECK(error_of(::open((opens / "old").c_str(), O_RDONLY)) == EACCES);
  CHECK(error_of(::open((opens / "new").c_str(), O_RDWR | O_CREAT, 0644)) == EACCES);
  // What was read before is not served from the page cache either.
  CHECK(error_of(::pread(file.get(), &byte, 1, 0)) == EIO);
  CHECK(error_of(::rename((renames / "old").c_str(), (renames / "new").c_str())) == EROFS);
  CHECK(fs::exists(renames / "old"));
}

TEST_CASE("disk.error: a share of the calls fails, the same ones for the same seed", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  std::vector<std::string> outcomes;
  for (int round = 0; round < 2; ++round) {
    Disk disk({.operations = {DiskOperation::fsync}, .share = 0.4, .seed = 3, .error = EIO});
    const auto file = open_at(disk / "old");
    disk.arm();
    std::string hits;
    for (int i = 0; i < 50; ++i) hits += ::fsync(file.get()) == 0 ? '.' : 'x';
    CHECK(disk.control().counters().matched == 50);
    CHECK(disk.control().counters().affected == static_cast<std::uint64_t>(std::count(hits.begin(), hits.end(), 'x')));
    outcomes.push_back(hits);
  }
  CHECK(outcomes[0] == outcomes[1]);
  CHECK(std::count(outcomes[0].begin(), outcomes[0].end(), 'x') > 10);
  CHECK(std::count(outcomes[0].begin(), outcomes[0].end(), 'x') < 30);
}

TEST_CASE("disk.delay: a call takes longer, and is let go when the fault is reverted", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.operations = {DiskOperation::fsync}, .delay = 60ms});
  const auto file = open_at(disk / "old");
  disk.arm();
  std::int64_t before = os::boot_now_ns();
  CHECK(::fsync(file.get()) == 0);
  CHECK(os::boot_now_ns() - before >= 60 * kMs);
  before = os::boot_now_ns();
  CHECK(write_text(file, "x") == 0);
  CHECK(os::boot_now_ns() - before < 50 * kMs);
  CHECK(disk.control().counters().affected == 1);

  Disk endless({.operations = {DiskOperation::fsync}, .delay = 60s});
  const auto stuck = open_at(endless / "old");
  endless.arm();
  const pid_t victim = ::fork();
  if (victim == 0) {
    ::fsync(stuck.get());
    ::_exit(0);
  }
  while (endless.control().counters().affected == 0) os::sleep_until_boot_ns(os::boot_now_ns() + kMs);
  before = os::boot_now_ns();
  endless.control().stop();
  int status = 0;
  REQUIRE(::waitpid(victim, &status, 0) == victim);
  CHECK(status == 0);
  CHECK(os::boot_now_ns() - before < 1000 * kMs);
}

TEST_CASE("disk: nothing acts without a lease", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.operations = {DiskOperation::fsync}, .error = EIO});
  const auto file = open_at(disk / "old");
  disk.control().set_window({os::boot_now_ns(), kForever});
  CHECK(::fsync(file.get()) == 0);
  disk.control().set_lease_end(os::boot_now_ns() + 200 * kMs);
  CHECK(error_of(::fsync(file.get())) == EIO);
  os::sleep_until_boot_ns(os::boot_now_ns() + 200 * kMs);
  CHECK(::fsync(file.get()) == 0);
}

TEST_CASE("disk.fill: files grow by what is free, then there is no space", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.free_bytes = 10});
  const auto file = open_at(disk / "old");
  disk.arm();
  CHECK(write_text(file, "instead!") == 0);  // two bytes longer than before
  CHECK(write_text(file, "12345678") == 0);
  CHECK(write_text(file, "9") == ENOSPC);
  CHECK(error_of(::ftruncate(file.get(), 100)) == ENOSPC);
  CHECK(error_of(::pwrite(file.get(), "over", 4, 0)) == 0);
  CHECK(disk.control().counters().affected == 2);
  disk.control().stop();
  CHECK(write_text(file, "9") == 0);
}

TEST_CASE("disk.corrupt: one bit of what is read is wrong, the file is not", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.corrupt = true});
  disk.arm();
  const std::string read = content(disk / "old");
  REQUIRE(read.size() == 6);
  int flipped = 0;
  for (std::size_t i = 0; i < read.size(); ++i)
    flipped += __builtin_popcount(static_cast<unsigned char>(read[i] ^ "before"[i]));
  CHECK(flipped >= 1);
  CHECK(disk.control().counters().affected >= 1);
  disk.unmount();
  CHECK(content(disk / "old") == "before");
}

TEST_CASE("disk.corrupt: stuck bits are wrong at every read, and right again when it is over", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.share = 0.5, .seed = 2, .corrupt = true, .stuck = true});
  const std::string right(64 * 4096, 'a');
  REQUIRE(os::write_file_durably(disk / "big", right));
  disk.arm();
  const std::string first = content(disk / "big");
  CHECK(first != right);
  CHECK(content(disk / "big") == first);
  CHECK(disk.control().counters().affected >= 2);
  disk.control().stop();
  CHECK(content(disk / "big") == right);
}

TEST_CASE("disk.throttle: bytes and calls a second are what was asked for", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk bytes({.bytes_per_second = 1'000'000});
  Disk calls({.operations = {DiskOperation::fsync}, .calls_per_second = 50});
  const std::string block(50'000, 'x');
  const auto file = open_at(bytes / "old");
  bytes.arm();
  std::int64_t before = os::boot_now_ns();
  for (int i = 0; i < 10; ++i) CHECK(write_text(file, block) == 0);
  std::int64_t took = os::boot_now_ns() - before;
  CHECK(took > 480 * kMs);
  CHECK(took < 1500 * kMs);
  CHECK(bytes.control().counters().affected >= 9);

  const auto synced = open_at(calls / "old");
  calls.arm();
  before = os::boot_now_ns();
  for (int i = 0; i < 10; ++i) CHECK(::fsync(synced.get()) == 0);
  took = os::boot_now_ns() - before;
  CHECK(took > 180 * kMs);
  CHECK(took < 1000 * kMs);
  CHECK(calls.control().counters().matched == 10);
  before = os::boot_now_ns();
  CHECK(write_text(synced, block) == 0);
  CHECK(os::boot_now_ns() - before < 100 * kMs);
}

TEST_CASE("disk.lose-unsynced: a power cut loses what was not synced, and nothing else", "[kernel][agent][vm]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.lose_unsynced = true});
  disk.arm();
  {
    const auto synced = open_at(disk / "synced", O_RDWR | O_CREAT);
    CHECK(write_text(synced, "stays") == 0);
    CHECK(::fsync(synced.get()) == 0);
    CHECK(write_text(synced, " goes") == 0);
    const auto old = open_at(disk / "old");
    CHECK(write_text(old, "AFTER, and longer") == 0);
    CHECK(write_text(open_at(disk / "never synced", O_RDWR | O_CREAT), "x") == 0);
    const auto cut = open_at(disk / "renamed before", O_RDWR | O_CREAT);
    CHECK(write_text(cut, "x") == 0);
    fs::rename(disk / "renamed before", disk / "renamed after");
  }
  disk.unmount();
  CHECK(content(disk / "synced") == "stays");
  CHECK(content(disk / "old") == "before");
  CHECK_FALSE(fs::exists(disk / "never synced"));
  CHECK(content(disk / "renamed after") == "");
  CHECK(disk.control().counters().matched == 5);
  CHECK(disk.control().counters().affected == 1);
  CHECK(disk.control().counters().bytes > 0);
}

TEST_CASE("disk.lose-unsynced: a power cut that finds all synced loses nothing, and is counted", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.lose_unsynced = true});
  disk.arm();
  {
    const auto synced = open_at(disk / "synced", O_RDWR | O_CREAT);
    CHECK(write_text(synced, "stays") == 0);
    CHECK(::fsync(synced.get()) == 0);
  }
  disk.unmount();
  CHECK(content(disk / "synced") == "stays");
  CHECK(disk.control().counters().affected == 1);
  CHECK(disk.control().counters().bytes == 0);
}

TEST_CASE("disk.lose-unsynced: a power cut where nothing was written has no effect", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.lose_unsynced = true});
  disk.arm();
  CHECK(content(disk / "old") == "before");
  disk.unmount();
  CHECK(disk.control().counters().matched == 0);
  CHECK(disk.control().counters().affected == 0);
}

TEST_CASE("disk.lose-unsynced: a cut-off and a torn write", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.seed = 5, .lose_unsynced = true, .torn = true});
  disk.arm();
  {
    const auto old = open_at(disk / "old");
    CHECK(::ftruncate(old.get(), 2) == 0);
    const auto log = open_at(disk / "log", O_RDWR | O_CREAT);
    CHECK(write_text(log, std::string(4096, 'x')) == 0);
  }
  disk.unmount();
  CHECK(content(disk / "old") == "before");
  const std::string log = content(disk / "log");
  CHECK(log.size() >= 512);
  CHECK(log.size() < 4096);
  CHECK(log.size() % 512 == 0);
}

TEST_CASE("disk: the server outlives its agent, and a dead server is unmounted by the folder's name",
          "[kernel][agent][vm]") {
  FRACAS_NEEDS_FUSE();
  Disk disk({.error = EIO});
  REQUIRE(disk.server().signal(SIGKILL));
  REQUIRE(disk.server().wait_for(2s));
  CHECK(agent::is_disk_mount(disk / ""));
  CHECK(error_of(::open((disk / "old").c_str(), O_RDONLY)) == ENOTCONN);
  REQUIRE(agent::unmount_disk(disk / "", {}));
  CHECK_FALSE(agent::is_disk_mount(disk / ""));
  CHECK(content(disk / "old") == "before");
}

TEST_CASE("disk: a folder that is not there is refused by name", "[kernel][agent]") {
  FRACAS_NEEDS_FUSE();
  const auto control = agent::DiskControlMemory::create({.error = EIO});
  REQUIRE(control);
  const auto server = agent::mount_disk("/nonexistent/folder", *control, "fracas-test");
  REQUIRE_FALSE(server);
  CHECK(server.error().code == ENOENT);
}

}  // namespace fracas::test
