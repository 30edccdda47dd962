#include "agent/faults/disk_fault.h"

#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "agent/disk/disk_mount.h"
#include "agent/scope.h"
#include "agent/timed_effect.h"
#include "lib/base/log.h"
#include "lib/model/agent.pb.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// What undoing takes.
struct Note {
  std::string folder;
  os::ProcessIdentity server{};  // zeros: not known (yet)
  bool restart = false;          // the service ran
};

std::string to_text(const Note& note) {
  return nlohmann::json{{"folder", note.folder},
                        {"pid", note.server.pid},
                        {"start_ticks", note.server.start_ticks},
                        {"restart", note.restart}}
      .dump();
}

Result<Note> parse_note(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const bool whole = json.is_object() && json.contains("folder") && json["folder"].is_string() &&
                     json.contains("pid") && json["pid"].is_number_integer() && json.contains("start_ticks") &&
                     json["start_ticks"].is_number_unsigned() && json.contains("restart") &&
                     json["restart"].is_boolean();
  if (!whole) return failure("the note of a disk fault is damaged");
  return Note{.folder = json["folder"].get<std::string>(),
              .server = {.pid = json["pid"].get<pid_t>(), .start_ticks = json["start_ticks"].get<std::uint64_t>()},
              .restart = json["restart"].get<bool>()};
}

class DiskFault final : public TimedEffect {
 public:
  DiskFault(const Preparation& preparation, DiskControlMemory control, fs::path folder)
      : services_(preparation.services),
        record_(preparation.record),
        name_(preparation.victims.front().spec.name),
        control_(std::move(control)),
        note_{.folder = folder.string(), .server = {}, .restart = false} {}
  ~DiskFault() override {
    if (auto reverted = revert(); !reverted) log::error("disk fault: {}", reverted.error().message);
  }

  std::string mechanism() const override { return "fuse"; }

  Status arm(const Window& window) override {
    control_.set_window(window);
    if (!started_) next_ns_ = window.start_ns;
    return {};
  }

  void renew(std::int64_t lease_end_ns) override { control_.set_lease_end(lease_end_ns); }
  model::EffectCounters counters() const override { return control_.counters(); }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_.reset();
    started_ = true;
    if (is_disk_mount(note_.folder)) return failure("another disk fault holds " + note_.folder, EBUSY);
    auto ended = services_.end_processes(name_, [this](const std::vector<os::ProcessIdentity>& running) {
      note_.restart = !running.empty();
      auto noted = record_.note(to_text(note_));
      undo_ = noted.has_value();
      return noted;
    });
    if (!ended) return failure(std::move(ended).error());
    killed_ = std::move(*ended);
    auto mounted = mount();
    if (auto restarted = restart(); !restarted) return restarted;
    return mounted;
  }

  Status revert() override {
    next_ns_.reset();
    // Calls that wait are let go, else their process could not be ended.
    control_.stop();
    if (!undo_) return {};
    // A mount that has gone was undone by the guardian; then the service runs on the original already.
    if (is_disk_mount(note_.folder)) {
      if (auto ended = end_service(); !ended && ended.error().code != ENOENT) return ended;
      if (auto unmounted = unmount_disk(note_.folder, note_.server); !unmounted) return unmounted;
    }
    if (server_) static_cast<void>(server_->wait_for(1s));
    undo_ = false;
    return restart();
  }

 private:
  // It may not have run when the fault began, and have been started by somebody since; then it is started again too,
  // by whoever undoes this fault.
  Status end_service() {
    auto ended = services_.end_processes(name_, [this](const std::vector<os::ProcessIdentity>& running) -> Status {
      if (running.empty() || std::exchange(note_.restart, true)) return {};
      auto noted = record_.note(to_text(note_));
      return noted || !record_.exists() ? Status() : noted;
    });
    if (!ended) return failure(std::move(ended).error());
    if (!ended->empty()) killed_ = std::move(*ended);
    return {};
  }

  Status mount() {
    auto server = mount_disk(note_.folder, control_, disk_owner(record_.state_folder()));
    if (!server) return failure(std::move(server).error());
    server_.emplace(std::move(*server));
    auto identity = os::ProcessIdentity::of(server_->pid());
    if (!identity) return failure(std::move(identity).error());
    note_.server = *identity;
    return record_.note(to_text(note_));
  }

  Status restart() { return note_.restart ? services_.restart(name_, killed_) : Status(); }

  Services& services_;
  FaultRecord& record_;
  const std::string name_;
  DiskControlMemory control_;
  Note note_;
  std::optional<std::int64_t> next_ns_;
  bool started_ = false;
  bool undo_ = false;  // something has been done
  std::vector<os::ProcessIdentity> killed_;
  std::optional<os::Process> server_;
};

}  // namespace

Result<fs::path> disk_folder(const std::string& path, const ServiceSite& site) {
  const fs::path folder = fs::path(site.spec.working_directory) / path;
  if (folder.is_absolute()) return folder.lexically_normal();
  return failure("service '" + site.spec.name + "' has no working folder, so the fault needs an absolute path", EINVAL);
}

Result<fs::path> free_disk_folder(const std::string& path, const ServiceSite& site) {
  auto folder = disk_folder(path, site);
  if (!folder) return folder;
  std::error_code failed;
  if (!fs::is_directory(*folder, failed)) return failure("there is no folder " + folder->string(), ENOENT);
  if (is_disk_mount(*folder)) return failure("another disk fault holds " + folder->string(), EBUSY);
  return folder;
}

Status check_disk_fault(std::string_view kind, const DiskRule& rule, const model::Injection& injection) {
  if (auto good = check_disk_rule(rule); !good) return failure(std::move(good).error().context(kind));
  if (auto services = require_services(kind, injection.scope()); !services) return services;
  if (injection.scope().services_size() != 1)
    return failure(std::string(kind) + ": a disk fault acts on exactly one service", EINVAL);
  return {};
}

Result<std::unique_ptr<Effect>> prepare_disk_fault(const DiskRule& rule, const std::string& path,
                                                   const Preparation& preparation) {
  auto folder = free_disk_folder(path, preparation.victims.front());
  if (!folder) return failure(std::move(folder).error());
  auto control = DiskControlMemory::create(rule);
  if (!control) return failure(std::move(control).error());
  return std::unique_ptr<Effect>(std::make_unique<DiskFault>(preparation, std::move(*control), std::move(*folder)));
}

// Without a note nothing has been done yet.
Status undo_disk_fault(const LedgerRecord& record, KilledServices killed) {
  if (record.note.empty()) return {};
  const auto note = parse_note(record.note);
  if (!note) return failure(note.error());
  bool restart = note->restart;
  for (const ServiceSite& site : record.services) {
    if (auto thawed = set_frozen(site, false); !thawed) return thawed;
    if (const auto running = processes_of(site)) restart = restart || !running->empty();
    if (auto ended = end_all(site); !ended) return ended;
  }
  if (auto unmounted = unmount_disk(note->folder, note->server); !unmounted) return unmounted;
  if (!restart || killed == KilledServices::leave) return {};
  for (const ServiceSite& site : record.services)
    if (auto started = launch(site); !started) return failure(std::move(started).error());
  return {};
}

FaultSupport probe_disk_fault() {
  if (const auto works = probe_disk(); !works) return {.missing = works.error().message};
  return {.available = true, .mechanism = "fuse", .accuracy = "every call; the service is restarted at start and end"};
}

}  // namespace fracas::agent
