#include "controller/serve/run_control.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <nlohmann/json.hpp>

#include "controller/serve/active_run.h"
#include "controller/serve/event_log.h"
#include "controller/serve/host_name.h"
#include "controller/serve/run_request.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/freeze.h"
#include "controller/store/wall_time.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

// A run that does not end its faults in this time is killed.
constexpr auto kStopPatience = std::chrono::seconds(5);
// A killed run is healed and done by then.
constexpr auto kKillPatience = std::chrono::minutes(3);

StoredRun now(const ActiveRun& run) {
  StoredRun row = run.row;
  row.ok = run.tally.ok();
  row.fail = run.tally.fail();
  row.info = run.tally.info();
  row.p99_ms = run.tally.p99_ms();
  return row;
}

Status make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return failure(folder.string() + ": " + failed.message(), failed.value());
  return {};
}

tl::unexpected<Error> unknown(const std::string& id) {
  return failure("there is no run " + id, ENOENT);
}

}  // namespace

RunControl::RunControl(Database& database, RunFolders folders) : database_(database), folders_(std::move(folders)) {}

void RunControl::close() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  stop_all("fracas");
}

RunControl::~RunControl() {
  close();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return active_.empty(); });
  const auto joined = std::move(finished_);
  lock.unlock();
}

std::string RunControl::free_id(const std::string& base) const {
  std::string id = base;
  for (int i = 2; active_.contains(id) || std::filesystem::exists(folders_.job(id)); ++i)
    id = fmt::format("{}-{}", base, i);
  return id;
}

Status RunControl::admit() const {
  const auto freeze = read_freeze(database_);
  if (!freeze) return failure(freeze.error());
  if (freeze->frozen) return failure(fmt::format("starts are frozen by {}: {}", freeze->by, freeze->reason), ECANCELED);
  if (closing_) return failure("the controller is ending", EAGAIN);
  const auto waiting = std::count_if(active_.begin(), active_.end(),
                                     [](const auto& each) { return each.second->row.state == RunState::waiting; });
  if (static_cast<std::size_t>(waiting) >= kWaitingMax)
    return failure(fmt::format("{} runs wait already", waiting), EAGAIN);
  return {};
}

Result<StoredRun> RunControl::start(const StartOptions& options) {
  auto checked = check_start(options, folders_);
  if (!checked) return failure(std::move(checked).error());
  const std::scoped_lock lock(mutex_);
  finished_.clear();
  if (auto admitted = admit(); !admitted) return failure(std::move(admitted).error());
  StoredRun& row = checked->run;
  // An id is seen before the run is over: that of a blind game day's run names the day alone.
  row.id = free_id(fmt::format("{:%Y%m%d-%H%M%S}-{}-{}", fmt::gmtime(std::time(nullptr)),
                               row.blind ? row.gameday : row.name, row.seed));
  row.started = wall_now();
  row.host = host_name();
  if (auto made = make_folder(folders_.job(row.id)); !made) return failure(std::move(made).error());
  if (auto made = make_folder(folders_.run(row.id).parent_path()); !made) return failure(std::move(made).error());
  if (!options.text.empty())
    if (auto written = os::write_file_durably(folders_.text(row.id), options.text); !written)
      return failure(std::move(written).error());
  auto log = EventLog::open(folders_.events(row.id));
  if (!log) return failure(std::move(log).error());
  if (auto saved = save_run(database_, row); !saved) return failure(std::move(saved).error());
  const std::string details = fmt::format("{} {} seed {}", row.world, options.file, row.seed);
  if (auto noted = append_audit(database_, {row.by, "run.start", row.id, details}); !noted)
    return failure(std::move(noted).error());
  const auto run = std::make_shared<ActiveRun>(*this, std::move(*checked), std::move(*log), next_++);
  active_[run->row.id] = run;
  const StoredRun begun = run->row;
  run->begin();
  return begun;
}

bool RunControl::my_turn(const ActiveRun& run) const {
  const std::size_t room = run.row.world == "sim" ? kSimulatedMax : 1;
  std::size_t before = 0;  // that are at work, or were asked for earlier
  for (const auto& [id, other] : active_)
    if (other->row.world == run.row.world && !other->done && other->number < run.number) ++before;
  return before < room;
}

void RunControl::ended(const ActiveRun& run) {
  const auto found = active_.find(run.row.id);
  finished_.push_back(std::move(found->second));  // its own thread cannot join itself
  active_.erase(found);
  changed_.notify_all();
}

std::shared_ptr<ActiveRun> RunControl::active(const std::string& id) const {
  const auto found = active_.find(id);
  return found == active_.end() ? nullptr : found->second;
}

Result<StoredRun> RunControl::stop(const std::string& id, const std::string& by) {
  std::unique_lock lock(mutex_);
  const auto run = active(id);
  if (!run) {
    lock.unlock();
    const auto row = find(id);
    if (!row) return failure(row.error());
    return failure(fmt::format("{} is over since {}", id, row->ended), EALREADY);
  }
  run->ask_to_end(by);
  changed_.notify_all();
  // Faults end whether or not the store can be told.
  auto told = append_audit(database_, {by, "run.stop", id, ""});
  if (told) told = save_run(database_, run->row);
  if (!told) log::error("stop of {}: {}", id, told.error().message);
  if (!changed_.wait_for(lock, kStopPatience, [&] { return run->faults_over(); })) {
    run->kill();
    changed_.wait_for(lock, kKillPatience, [&] { return run->done; });
  }
  return now(*run);
}

std::vector<StoredRun> RunControl::stop_all(const std::string& by) {
  std::vector<std::string> ids;
  for (const LiveRun& each : all_live()) ids.push_back(each.run.id);
  std::vector<StoredRun> stopped(ids.size());
  {
    std::vector<std::jthread> stops;
    for (std::size_t i = 0; i < ids.size(); ++i)
      stops.emplace_back([this, &ids, &stopped, &by, i] {
        if (auto row = stop(ids[i], by)) stopped[i] = std::move(*row);
      });
  }
  std::erase_if(stopped, [](const StoredRun& row) { return row.id.empty(); });
  return stopped;
}

Result<RunNote> RunControl::add_note(const std::string& id, const std::string& by, const std::string& text) {
  const auto row = find(id);
  if (!row) return failure(row.error());
  RunNote note{.at_ms = 0, .by = by, .text = text};
  std::unique_lock lock(mutex_);
  const auto run = active(id);
  if (run && run->begin_ns != 0) note.at_ms = static_cast<double>(os::boot_now_ns() - run->begin_ns) / 1e6;
  lock.unlock();
  if (!run) note.at_ms = read_tally(folders_.events(id)).last_ms();
  if (auto added = add_run_note(database_, id, note); !added) return failure(std::move(added).error());
  if (auto noted = append_audit(database_, {by, "run.note", id, text}); !noted) return failure(noted.error());
  if (!run) return note;
  const nlohmann::ordered_json event{{"type", "note"}, {"at_ms", note.at_ms}, {"by", by}, {"text", text}};
  run->log->append(event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return note;
}

std::optional<LiveRun> RunControl::live(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  const auto run = active(id);
  if (!run) return std::nullopt;
  return LiveRun{now(*run), run->tally, run->log};
}

std::vector<LiveRun> RunControl::all_live() const {
  const std::scoped_lock lock(mutex_);
  std::vector<LiveRun> all;
  for (const auto& [id, run] : active_) all.push_back({now(*run), run->tally, run->log});
  return all;
}

Result<StoredRun> RunControl::find(const std::string& id) const {
  if (auto run = live(id)) return std::move(run->run);
  auto row = find_run(database_, id);
  if (!row) return failure(std::move(row).error());
  if (!*row) return unknown(id);
  return std::move(**row);
}

std::optional<StoredRun> RunControl::wait_done(const std::string& id, const std::stop_token& stopping) const {
  std::unique_lock lock(mutex_);
  if (const auto run = active(id)) {
    if (!changed_.wait(lock, stopping, [&] { return run->done; })) return std::nullopt;
    return run->row;
  }
  lock.unlock();
  auto row = find(id);
  if (!row) return std::nullopt;
  return std::move(*row);
}

}  // namespace fracas::controller
