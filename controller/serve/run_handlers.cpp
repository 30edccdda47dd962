#include "controller/serve/run_handlers.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include "controller/report/report_html.h"
#include "controller/serve/event_log.h"
#include "controller/serve/run_history.h"
#include "controller/serve/run_messages.h"
#include "controller/store/database.h"
#include "lib/model/api.pb.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kRunsShown = 100;
constexpr std::int64_t kRunsShownMax = 500;
constexpr std::size_t kNoteMax = 2000;

Response summary_response(int status, const StoredRun& run) {
  api::RunSummary message;
  fill(message, run);
  return json_response(status, message);
}

Response list_response(const std::vector<StoredRun>& runs) {
  api::Runs message;
  for (const StoredRun& run : runs) fill(*message.add_runs(), run);
  return json_response(200, message);
}

std::string media_of(const std::filesystem::path& file) {
  static const std::map<std::string, std::string> kMedia{
      {".html", "text/html; charset=utf-8"},  {".json", "application/json"},
      {".jsonl", "application/x-ndjson"},     {".xml", "application/xml"},
      {".toml", "text/plain; charset=utf-8"}, {".log", "text/plain; charset=utf-8"},
      {".md", "text/plain; charset=utf-8"},   {".svg", "image/svg+xml"}};
  const auto found = kMedia.find(file.extension().string());
  return found == kMedia.end() ? "application/octet-stream" : found->second;
}

// A file in pieces, so that a large one is never in memory as a whole.
Pieces pieces_of(const std::filesystem::path& file) {
  // Shared, because std::function copies what it holds.
  return [in = std::make_shared<std::ifstream>(file, std::ios::binary)](std::string& piece) {
    piece.resize(std::size_t{256} << 10U);
    in->read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<std::size_t>(in->gcount()));
    return !piece.empty();
  };
}

class RunEndpoints {
 public:
  RunEndpoints(RunControl& runs, Database& database) : runs_(runs), database_(database) {}

  Response list(const Request& request) const;
  Response start(const Request& request) const;
  Response get(const Request& request) const;
  Response page(const Request& request) const;
  Response history(const Request& request) const;
  Response file(const Request& request) const;
  Response events(const Request& request) const;
  Response stop(const Request& request) const;
  Response stop_all(const Request& request) const;
  Response add_note(const Request& request) const;

 private:
  RunControl& runs_;
  Database& database_;
};

Response RunEndpoints::list(const Request& request) const {
  RunFilter filter{.state = request.asked("state"),
                   .verdict = request.asked("verdict"),
                   .experiment = request.asked("experiment"),
                   .before = request.asked("before")};
  filter.limit = std::clamp(request.asked_number("limit", kRunsShown), std::int64_t{1}, kRunsShownMax);
  auto runs = list_runs(database_, filter);
  if (!runs) return refusal(runs.error());
  for (StoredRun& run : *runs)
    if (run.state != RunState::done)
      if (auto live = runs_.live(run.id)) run = std::move(live->run);
  return list_response(*runs);
}

Response RunEndpoints::start(const Request& request) const {
  const auto body = parse_body<api::StartRunRequest>(request);
  if (!body) return refusal(body.error());
  StartOptions options{.file = body->file(),
                       .text = body->experiment(),
                       .set = {},
                       .seed = body->seed(),
                       .world = body->world(),
                       .by = request.who.name,
                       .gameday = ""};
  options.set.assign(body->set().begin(), body->set().end());
  const auto run = runs_.start(options);
  if (!run) return refusal(run.error());
  return summary_response(201, *run);
}

Response RunEndpoints::get(const Request& request) const {
  api::Run message;
  if (auto filled = fill(message, request.part("id"), runs_, database_); !filled) return refusal(filled.error());
  return {.body = run_json(message)};
}

Response RunEndpoints::page(const Request& request) const {
  const std::string& id = request.part("id");
  const auto run = runs_.find(id);
  if (!run) return refusal(run.error());
  const auto html = os::read_file(runs_.folders().run(id) / "report.html");
  if (!html)
    return refusal(404, "not_found", "the run has no report" + std::string(run->state == RunState::done ? "" : " yet"));
  return {.body = std::string(data_of_report(*html))};
}

Response RunEndpoints::history(const Request& request) const {
  const std::string& id = request.part("id");
  const auto run = runs_.find(id);
  if (!run) return refusal(run.error());
  if (run->state != RunState::done) return refusal(404, "not_found", "the run is not done: follow its events");
  const auto file = history_columns_of(runs_.folders(), id);
  if (!file) return refusal(file.error());
  Response response{.media = "application/octet-stream"};
  response.pieces = pieces_of(*file);
  return response;
}

Response RunEndpoints::file(const Request& request) const {
  const std::string& id = request.part("id");
  const auto run = runs_.find(id);
  if (!run) return refusal(run.error());
  const bool hides = run->blind && run->state != RunState::done;
  const auto found = hides ? std::nullopt : file_below(runs_.folders().run(id), request.part("path"));
  if (!found) return refusal(404, "not_found", "the run's folder has no " + request.part("path"));
  Response response{.media = media_of(*found)};
  // A page of a run is somebody's text: it may draw itself, and nothing else.
  response.headers = {{"Content-Security-Policy", "sandbox allow-scripts"}};
  response.pieces = pieces_of(*found);
  return response;
}

Response RunEndpoints::events(const Request& request) const {
  const std::string& id = request.part("id");
  const auto run = runs_.find(id);
  if (!run) return refusal(run.error());
  ReplayOptions options{
      .path = runs_.folders().events(id),
      .after = static_cast<std::uint64_t>(std::max<std::int64_t>(number_or(request.last_event_id, 0), 0)),
      .hide_faults = run->blind,
      .log = nullptr};
  if (auto live = runs_.live(id)) options.log = std::move(live->log);
  // 204 ends the reconnecting of browsers.
  if (!options.log && options.after > 0 && count_events(options.path) <= options.after) return {.status = 204};
  Response response{.media = "text/event-stream", .headers = {{"Cache-Control", "no-store"}}};
  response.pieces = event_stream(options);
  return response;
}

Response RunEndpoints::stop(const Request& request) const {
  const auto run = runs_.stop(request.part("id"), request.who.name);
  return run ? summary_response(200, *run) : refusal(run.error());
}

Response RunEndpoints::stop_all(const Request& request) const {
  return list_response(runs_.stop_all(request.who.name));
}

Response RunEndpoints::add_note(const Request& request) const {
  const auto body = parse_body<api::NoteRequest>(request);
  if (!body) return refusal(body.error());
  if (body->text().empty() || body->text().size() > kNoteMax)
    return refusal(400, "bad_request", "a note has 1 to 2000 characters");
  const auto note = runs_.add_note(request.part("id"), request.who.name, body->text());
  if (!note) return refusal(note.error());
  api::Note message;
  message.set_at_ms(note->at_ms);
  message.set_by(note->by);
  message.set_text(note->text);
  return json_response(201, message);
}

}  // namespace

Handlers run_handlers(RunControl& runs, Database& database) {
  const RunEndpoints endpoints(runs, database);
  return {
      {"ListRuns", [endpoints](const Request& request) { return endpoints.list(request); }},
      {"StartRun", [endpoints](const Request& request) { return endpoints.start(request); }},
      {"GetRun", [endpoints](const Request& request) { return endpoints.get(request); }},
      {"GetRunPage", [endpoints](const Request& request) { return endpoints.page(request); }},
      {"GetRunHistory", [endpoints](const Request& request) { return endpoints.history(request); }},
      {"GetRunFile", [endpoints](const Request& request) { return endpoints.file(request); }},
      {"FollowRun", [endpoints](const Request& request) { return endpoints.events(request); }},
      {"StopRun", [endpoints](const Request& request) { return endpoints.stop(request); }},
      {"StopAll", [endpoints](const Request& request) { return endpoints.stop_all(request); }},
      {"AddRunNote", [endpoints](const Request& request) { return endpoints.add_note(request); }},
  };
}

}  // namespace fracas::controller
