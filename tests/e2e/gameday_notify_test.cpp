// Who is told of a game day, and that whoever does not listen holds up nothing.
#include <fmt/format.h>
#include <httplib.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "tests/catch/catch.h"
#include "tests/e2e/team.h"

namespace {

using namespace fracas::test;
using nlohmann::json;
using namespace std::chrono_literals;

// A web server that hears news; it refuses the first.
class Receiver {
 public:
  Receiver() {
    server_.Post("/hooks/ops", [this](const httplib::Request& request, httplib::Response& response) {
      const std::scoped_lock lock(mutex_);
      response.status = refused_++ == 0 ? 503 : 204;
      if (response.status == 503) return;
      const json news = json::parse(request.body, nullptr, false);
      heard_ += news.value("gameday", "") + " " + news.value("event", "") + "; ";
      teams_ += request.get_header_value("X-Team");
      bell_.notify_all();
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
  }
  ~Receiver() { server_.stop(); }

  int port() const { return port_; }
  // What it heard, once that ends so.
  std::string heard_until(const std::string& end) {
    std::unique_lock lock(mutex_);
    bell_.wait_for(lock, 60s, [&] { return heard_.ends_with(end); });
    return heard_;
  }
  std::string teams() {
    const std::scoped_lock lock(mutex_);
    return teams_;
  }

 private:
  httplib::Server server_;
  std::mutex mutex_;
  std::condition_variable bell_;
  int refused_ = 0;
  std::string heard_, teams_;
  int port_ = 0;
  std::jthread thread_;
};

// A program that writes its words into a file, a line a call.
std::filesystem::path make_pager(const Scratch& scratch) {
  const auto program = scratch.path() / "pager";
  std::ofstream(program) << "#!/bin/sh\necho \"$1|$2|$3|$4\" >> " << (scratch.path() / "paged").string() << "\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  return program;
}

std::string recipients(int port, const std::filesystem::path& pager) {
  return fmt::format(
      "[[notify]]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{}/hooks/ops\"\nheaders = [\"X-Team: s\"]\n"
      "[[notify]]\nkind = \"command\"\ncommand = [\"{}\", \"storage\"]\non = [\"started\", \"done\"]\n",
      port, pager.string());
}

bool was_noted(const Team& team, Controller& controller, const std::string& action, const std::string& part) {
  const json audit = controller.get("/api/v1/audit?limit=1000", team.token("root")).json;
  for (const json& entry : audit["entries"])
    if (entry["action"] == action && entry["details"].get<std::string>().find(part) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("gameday: a web server and a program hear what becomes of it, in order", "[e2e][gameday]") {
  const Scratch scratch;
  Receiver receiver;
  Team team(scratch);
  const Ended submitted = team.submits("olga", drill(recipients(receiver.port(), make_pager(scratch))));
  INFO(submitted.output);
  REQUIRE(submitted.code == 0);
  REQUIRE(team.says("ann", {"approve", "drill"}).code == 0);
  REQUIRE(team.says("olga", {"start", "drill"}).code == 0);
  CHECK(receiver.heard_until("drill done; ") ==
        "drill approved; drill started; drill run-ended; drill run-ended; drill done; ");
  CHECK(receiver.teams() == "sssss");
  const auto paged = [&] { return content(scratch.path() / "paged"); };
  for (int i = 0; i < 600 && paged().find("|done|") == std::string::npos; ++i) std::this_thread::sleep_for(50ms);
  CHECK(paged().find("storage|drill|started|started by olga\nstorage|drill|done|all ran\n") == 0);
}

TEST_CASE("gameday: whoever cannot be told is in the audit log, and the game day goes on", "[e2e][gameday]") {
  const Scratch scratch;
  Team team(scratch);
  const std::string deaf =
      "[approval]\ncount = 0\n[[notify]]\nkind = \"command\"\ncommand = [\"/bin/false\"]\non = [\"started\"]\n";
  REQUIRE(team.submits("olga", drill(deaf)).code == 0);
  REQUIRE(team.says("olga", {"start", "drill"}).code == 0);
  REQUIRE_FALSE(team.waits("vera", "drill", 30s, [](const json& day) { return is(day, "done"); }).is_null());
  const std::string why = "started to command /bin/false: exit code 1, not 0";
  bool noted = false;
  for (int i = 0; i < 600 && !noted; ++i) {
    noted = was_noted(team, team.controller(), "gameday.untold", why);
    if (!noted) std::this_thread::sleep_for(50ms);
  }
  CHECK(noted);
}
