#include "lib/base/journal.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include "lib/base/log.h"
#include "lib/base/trace_context.h"
#include "tests/catch/catch.h"

using namespace fracas;

namespace {

// Takes what programs send to a journal, in a folder of its own.
class JournalSocket {
 public:
  JournalSocket() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fracas-journal-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~JournalSocket() {
    ::close(socket_);
    std::filesystem::remove_all(folder_);
  }
  JournalSocket(const JournalSocket&) = delete;
  JournalSocket& operator=(const JournalSocket&) = delete;

  std::string path() const { return folder_ / "socket"; }
  // The next entry; empty: there is none.
  std::string received() const {
    std::array<char, 4096> bytes{};
    const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : "";
  }

 private:
  std::filesystem::path folder_;
  int socket_ = -1;
};

// stderr as a pipe or a file, while it lives.
class OtherStderr {
 public:
  explicit OtherStderr(int descriptor) : before_(::dup(STDERR_FILENO)) { ::dup2(descriptor, STDERR_FILENO); }
  ~OtherStderr() {
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
  }
  OtherStderr(const OtherStderr&) = delete;
  OtherStderr& operator=(const OtherStderr&) = delete;

 private:
  int before_;
};

std::string read_from(int descriptor) {
  std::array<char, 4096> bytes{};
  const ssize_t got = ::read(descriptor, bytes.data(), bytes.size());
  return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : "";
}

// Logs with that form, and as it was before once it is gone.
class LogForm {
 public:
  explicit LogForm(const std::string& form) {
    ::setenv("FRACAS_LOG_FORMAT", form.c_str(), 1);
    log::start("fracas-test", log::Level::info);
  }
  ~LogForm() {
    ::unsetenv("FRACAS_LOG_FORMAT");
    log::start("fracas-test", log::Level::info);
  }
  LogForm(const LogForm&) = delete;
  LogForm& operator=(const LogForm&) = delete;
};

}  // namespace

TEST_CASE("journal: an entry has a line for each field, or its length where it has lines itself", "[unit][base]") {
  CHECK(log::journal_entry({{"MESSAGE", "one"}, {"PRIORITY", "6"}}) == "MESSAGE=one\nPRIORITY=6\n");
  CHECK(log::journal_entry({{"MESSAGE", "a\nb"}}) == std::string("MESSAGE\n\3\0\0\0\0\0\0\0a\nb\n", 20));
  CHECK(log::journal_entry({{"EMPTY", ""}}) == "EMPTY=\n");
}

TEST_CASE("journal: where nobody listens there is none, and a listener that went away is noticed", "[unit][base]") {
  CHECK_FALSE(log::Journal::open("/nonexistent/socket"));
  CHECK_FALSE(log::Journal::open(std::string(200, 'x')));
  auto socket = std::make_unique<JournalSocket>();
  const auto journal = log::Journal::open(socket->path());
  REQUIRE(journal);
  CHECK(journal->send("MESSAGE=here\n"));
  CHECK(socket->received() == "MESSAGE=here\n");
  CHECK_FALSE(journal->send(std::string(std::size_t{16} << 20U, 'x')));  // no datagram is that large
  socket.reset();
  CHECK_FALSE(journal->send("MESSAGE=gone\n"));
}

TEST_CASE("journal: a stream is known by what the service manager says of it", "[unit][base]") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  struct stat status {};
  REQUIRE(::fstat(ends[1], &status) == 0);
  const std::string named = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  CHECK(log::is_journal_stream(named.c_str(), ends[1]));
  CHECK_FALSE(log::is_journal_stream("8:1", ends[1]));
  CHECK_FALSE(log::is_journal_stream(nullptr, ends[1]));
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK_FALSE(log::is_journal_stream(named.c_str(), -1));
}

TEST_CASE("log: entries for the journal have level, program and trace as fields", "[unit][base]") {
  const JournalSocket socket;
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  {
    const OtherStderr pipe(ends[1]);
    const LogForm form("journal:" + socket.path());
    log::error("host {} is gone", "db1");
    log::debug("nobody asked");
    log::trace_thread(TraceContext{.trace_id = std::string(32, 'a'), .span_id = std::string(16, 'b')});
    log::warning("two\nlines");
    log::trace_thread(std::nullopt);
  }
  CHECK(socket.received() == "MESSAGE=host db1 is gone\nPRIORITY=3\nSYSLOG_IDENTIFIER=fracas-test\n");
  const std::string second = socket.received();
  CHECK(second.find("two\nlines") != std::string::npos);
  CHECK(second.find("PRIORITY=4\n") != std::string::npos);
  CHECK(second.find("TRACE_ID=" + std::string(32, 'a') + "\n") != std::string::npos);
  CHECK(socket.received().empty());
  ::close(ends[1]);
  CHECK(read_from(ends[0]).empty());
  ::close(ends[0]);
}

TEST_CASE("log: where the journal does not answer, and where stderr is a file, lines go to stderr", "[unit][base]") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  {
    const OtherStderr pipe(ends[1]);
    const LogForm form("journal:/nonexistent/socket");
    log::error("said all the same");
  }
  CHECK(read_from(ends[0]).find("error fracas-test: said all the same") != std::string::npos);
  ::close(ends[0]);
  ::close(ends[1]);
  const JournalSocket socket;
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  {
    const OtherStderr kept(::fileno(file));
    const LogForm form("journal:" + socket.path());
    log::error("part of a run's directory");
  }
  CHECK(socket.received().empty());
  CHECK(::lseek(::fileno(file), 0, SEEK_SET) == 0);
  CHECK(read_from(::fileno(file)).find("part of a run's directory") != std::string::npos);
  std::fclose(file);
}
