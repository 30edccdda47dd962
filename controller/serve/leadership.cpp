#include "controller/serve/leadership.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <utility>

#include "controller/store/runs.h"

namespace fracas::controller {
namespace {

// What a controller that does not lead answers as well as the one that does.
constexpr std::array<std::string_view, 11> kOfAll{"Login",    "Logout",     "GetMe",     "ListExperiments",
                                                  "ListRuns", "ListAgents", "ListAudit", "OpenApi",
                                                  "Healthz",  "Readyz",     "Metrics"};
// What the folder of a run that is done says to any controller that has it.
constexpr std::array<std::string_view, 5> kOfFolder{"GetRun", "GetRunPage", "GetRunHistory", "GetRunFile", "FollowRun"};

template <typename Names>
bool among(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// As a client writes it: a path that was decoded is encoded again, byte by byte.
void append_encoded(std::string& to, const std::string& text, std::string_view kept) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (std::isalnum(byte) != 0 || kept.find(letter) != std::string_view::npos)
      to += letter;
    else
      to.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
  }
}

std::string location(const std::string& leader, const Request& request) {
  std::string to = leader;
  append_encoded(to, request.path, "/-._~");
  char mark = '?';
  for (const auto& [name, value] : request.query) {
    to += std::exchange(mark, '&');
    append_encoded(to, name, "-._~");
    to += '=';
    append_encoded(to, value, "-._~");
  }
  return to;
}

}  // namespace

Leadership::Leadership(Database& database, RunFolders folders, Part part)
    : database_(database), folders_(std::move(folders)), part_(part) {}

void Leadership::follow(const std::string& leader) {
  const std::scoped_lock lock(mutex_);
  part_ = Part::follows;
  leader_ = leader;
}

void Leadership::take_over() {
  const std::scoped_lock lock(mutex_);
  part_ = Part::takes_over;
}

void Leadership::lead() {
  const std::scoped_lock lock(mutex_);
  part_ = Part::leads;
}

Leadership::Part Leadership::part() const {
  const std::scoped_lock lock(mutex_);
  return part_;
}

std::string Leadership::describe() const {
  const std::scoped_lock lock(mutex_);
  if (part_ == Part::leads) return "leads";
  if (part_ == Part::takes_over) return "takes over";
  return "follows " + (leader_.empty() ? "nobody yet" : leader_);
}

bool Leadership::answers_itself(const Request& request, const Route* route) const {
  if (route == nullptr) return false;
  if (among(kOfAll, route->name)) return true;
  if (!among(kOfFolder, route->name)) return false;
  const std::string& id = request.part("id");
  const auto run = find_run(database_, id);
  std::error_code unreadable;
  return run && *run && (*run)->state == RunState::done && std::filesystem::exists(folders_.job(id), unreadable);
}

std::optional<Response> Leadership::elsewhere(const Request& request, const Route* route) const {
  if (part() == Part::leads || answers_itself(request, route)) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  if (part_ == Part::follows && !leader_.empty()) {
    Response response = refusal(307, "not_leader", "this controller follows; the leader is " + leader_);
    response.headers = {{"Location", location(leader_, request)}, {"Cache-Control", "no-store"}};
    return response;
  }
  Response response = refusal(503, "unavailable", "no controller leads just now: ask again");
  response.headers = {{"Retry-After", "1"}};
  return response;
}

}  // namespace fracas::controller
