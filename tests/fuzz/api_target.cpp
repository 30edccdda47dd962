// Any bytes, read as a request of the HTTP API: no crash, no leak, an answer that is JSON where it says so, and nothing
// that only a known user may see.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "controller/gameday/endpoints.h"
#include "controller/gameday/game_days.h"
#include "controller/page/assets.h"
#include "controller/serve/api.h"
#include "controller/serve/host_handlers.h"
#include "controller/serve/metrics.h"
#include "controller/serve/people_handlers.h"
#include "controller/serve/run_handlers.h"
#include "controller/store/database.h"
#include "controller/store/freeze.h"
#include "lib/base/ensure.h"
#include "tests/fuzz/targets.h"

namespace fracas::fuzz {
namespace {

using namespace fracas::controller;

// There is every experiment that a game day asks for, and all are the same.
Result<gameday::LibraryExperiment> known_experiment(const std::string&, const std::vector<std::string>&) {
  return gameday::LibraryExperiment{
      .name = "known", .violation_expected = false, .length = std::chrono::seconds(30), .toml = "name = \"known\"\n"};
}

// A controller without a network and without a folder. Starts are frozen, so that none begins a process.
class Desk {
 public:
  Desk()
      : database_(std::move(*Database::open(":memory:"))),
        runs_(*database_, folders_),
        days_(*database_, runs_, known_experiment),
        doctor_(folders_),
        leadership_(*database_, folders_, Leadership::Part::leads),
        gatekeeper_(*database_),
        metrics_(runs_, *database_),
        api_(gatekeeper_, handlers(), [](auto, auto, auto) {}) {
    token_ = *add_user(*database_, "fuzz", Role::admin);
  }

  Response answer(Request request, bool known) {
    ensure(write_freeze(*database_, {.frozen = true, .reason = "", .by = "", .since = ""}).has_value(), "memory lasts");
    Proof proof;
    if (known) proof.bearer = token_;
    return api_.answer(std::move(request), proof);
  }

 private:
  Handlers handlers() {
    Handlers all = run_handlers(runs_, *database_);
    all.merge(people_handlers(gatekeeper_, *database_));
    all.merge(host_handlers(folders_, doctor_, *database_, leadership_));
    all.merge(metrics_handlers(metrics_));
    all["ListAgents"] = [](const Request&) { return text_response(200, "would ask a process"); };
    return gameday::with_gamedays(days_, std::move(all));
  }

  RunFolders folders_{.state = "/nonexistent", .library = "/nonexistent", .program = "/nonexistent"};
  std::unique_ptr<Database> database_;
  RunControl runs_;
  gameday::GameDays days_;
  Doctor doctor_;
  Leadership leadership_;
  Gatekeeper gatekeeper_;
  Metrics metrics_;
  Api api_;
  std::string token_;
};

// Its log grows with every answer: a new one now and then.
Desk& desk(bool renew) {
  static std::unique_ptr<Desk> desk;
  if (!desk || renew) desk = std::make_unique<Desk>();
  return *desk;
}

// "METHOD PATH?NAME=VALUE\nLast-Event-ID\nBODY", behind one byte of choices.
Request read_request(std::string_view text) {
  const auto take = [&text](char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    std::string part(text.substr(0, at));
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
  };
  Request request;
  request.method = take(' ');
  std::string target = take('\n');
  request.last_event_id = take('\n');
  request.body = std::string(text);
  request.address = "192.0.2.1";
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  const std::string query = target.substr(std::min(mark + 1, target.size()));
  const std::size_t equals = std::min(query.find('='), query.size());
  request.query[query.substr(0, equals)] = query.substr(std::min(equals + 1, query.size()));
  return request;
}

}  // namespace

void ask_bytes(std::span<const std::uint8_t> bytes) {
  static std::uint64_t asked = 0;
  if (bytes.empty()) return;
  const bool known = (bytes[0] & 1U) != 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + 1, bytes.size() - 1);
  const Request request = read_request(text);
  const Response response = desk(++asked % 20'000 == 0).answer(request, known);
  ensure(response.status >= 200 && response.status < 600, "a status is one of HTTP's");
  if (response.media == "application/json" && response.status != 204)
    ensure(nlohmann::json::accept(response.body), "JSON is JSON");
  if (known || response.status >= 300) return;
  Request again = request;
  if (again.method == "HEAD") again.method = "GET";  // its answer without the body
  const Route* route = find_route(again);
  const bool page = find_page_asset(request.path) != nullptr;
  ensure(page || (route != nullptr && !route->least), "strangers get what is for anybody");
}

}  // namespace fracas::fuzz
