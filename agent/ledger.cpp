#include "agent/ledger.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kVersion = 2;
constexpr std::string_view kSuffix = ".json";
constexpr std::int64_t kLockRetryNs = 5'000'000;

json identity_json(const os::ProcessIdentity& process) {
  return {{"pid", process.pid}, {"start_ticks", process.start_ticks}};
}

os::ProcessIdentity parse_identity(const json& value) {
  return {.pid = value.at("pid").get<pid_t>(), .start_ticks = value.at("start_ticks").get<std::uint64_t>()};
}

json site_json(const ServiceSite& site) {
  return {{"name", site.spec.name},
          {"argv", site.spec.argv},
          {"working_directory", site.spec.working_directory},
          {"output", site.spec.output},
          {"cgroup", site.cgroup.string()},
          {"main", identity_json(site.main)}};
}

ServiceSite parse_site(const json& value) {
  ServiceSite site;
  value.at("name").get_to(site.spec.name);
  value.at("argv").get_to(site.spec.argv);
  value.at("working_directory").get_to(site.spec.working_directory);
  value.at("output").get_to(site.spec.output);
  site.cgroup = value.at("cgroup").get<std::string>();
  site.main = parse_identity(value.at("main"));
  return site;
}

// nlohmann's accessors throw; this is the one place that lets them, and parse_ledger_record catches.
LedgerRecord parse_fields(const json& value) {
  LedgerRecord record;
  value.at("id").get_to(record.id);
  value.at("kind").get_to(record.kind);
  value.at("start_ns").get_to(record.window.start_ns);
  value.at("end_ns").get_to(record.window.end_ns);
  for (const json& site : value.at("services")) record.services.push_back(parse_site(site));
  value.at("note").get_to(record.note);
  return record;
}

bool same_file(int fd, const fs::path& path) {
  struct stat held {
  }, named{};
  return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino;
}

// Out of the way, but kept for whoever wants to know what was in it.
std::string move_aside(const fs::path& file, const std::string& why) {
  const fs::path folder = file.parent_path() / "unreadable";
  const fs::path target = folder / (file.filename().string() + "." + std::to_string(os::boot_now_ns()));
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (!failed) fs::rename(file, target, failed);
  if (failed) return file.string() + ": " + why + "; it could not be moved aside: " + failed.message();
  return file.string() + ": " + why + "; moved to " + target.string();
}

}  // namespace

std::string to_json(const LedgerRecord& record) {
  json services = json::array();
  for (const ServiceSite& site : record.services) services.push_back(site_json(site));
  const json value = {{"version", kVersion},
                      {"id", record.id},
                      {"kind", record.kind},
                      {"start_ns", record.window.start_ns},
                      {"end_ns", record.window.end_ns},
                      {"services", services},
                      {"note", record.note}};
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<LedgerRecord> parse_ledger_record(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (value.is_discarded()) return failure("not a complete JSON object");
  try {
    if (value.at("version").get<int>() != kVersion) return failure("unknown version " + value.at("version").dump());
    return parse_fields(value);
  } catch (const json::exception& wrong) {
    return failure(wrong.what());
  }
}

Result<Ledger> Ledger::open(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return failure("create " + folder.string() + ": " + failed.message(), failed.value());
  return Ledger(folder);
}

fs::path Ledger::record_path(const std::string& id) const {
  return folder_ / (id + std::string(kSuffix));
}

Status Ledger::write(const LedgerRecord& record) const {
  auto written = os::write_file_durably(record_path(record.id), to_json(record));
  if (!written) return failure(std::move(written).error().context("ledger"));
  return {};
}

Status Ledger::remove(const std::string& id) const {
  if (auto removed = os::remove_durably(record_path(id)); !removed) return removed;
  return os::remove_durably(folder_ / (id + ".lock"));
}

Status Ledger::remove_stray_locks() const {
  constexpr std::string_view kLockSuffix = ".lock";
  std::vector<fs::path> stray;
  std::error_code failed;
  for (fs::directory_iterator entry(folder_, failed), end; !failed && entry != end; entry.increment(failed)) {
    const std::string name = entry->path().filename();
    if (name.ends_with(kLockSuffix) && !holds(name.substr(0, name.size() - kLockSuffix.size())))
      stray.push_back(entry->path());
  }
  if (failed) return failure("read " + folder_.string() + ": " + failed.message(), failed.value());
  for (const fs::path& lock : stray)
    if (auto removed = os::remove_durably(lock); !removed) return removed;
  return {};
}

bool Ledger::holds(const std::string& id) const {
  std::error_code failed;
  return fs::exists(record_path(id), failed);
}

Result<Ledger::Content> Ledger::read() const {
  Content content;
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator entry(folder_, failed), end; !failed && entry != end; entry.increment(failed)) {
    const std::string name = entry->path().filename();
    if (!name.starts_with('.') && name.ends_with(kSuffix)) files.push_back(entry->path());
  }
  if (failed) return failure("read " + folder_.string() + ": " + failed.message(), failed.value());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    auto text = os::read_file(file);
    if (!text && text.error().code == ENOENT) continue;  // Reverted by somebody else meanwhile.
    auto record = text ? parse_ledger_record(*text) : Result<LedgerRecord>(failure(std::move(text).error()));
    if (record && record->id + std::string(kSuffix) != file.filename())
      record = failure("it belongs to '" + record->id + "'");
    if (record) {
      content.records.push_back(std::move(*record));
    } else {
      content.unreadable.push_back(move_aside(file, record.error().message));
    }
  }
  return content;
}

Result<os::UniqueFd> Ledger::lock(const std::string& id, Duration wait) const {
  const fs::path path = folder_ / (id + ".lock");
  const std::int64_t deadline = os::boot_now_ns() + wait.count();
  for (;;) {
    auto locked = os::try_lock_file(path);
    // Who held it before may have removed the file with the record; a lock on a removed file protects nothing.
    if (locked && same_file(locked->get(), path)) return locked;
    if (!locked && locked.error().code != EWOULDBLOCK) return locked;
    if (!locked && os::boot_now_ns() >= deadline) return failure("ledger record '" + id + "' is in use", EWOULDBLOCK);
    if (!locked) os::sleep_until_boot_ns(os::boot_now_ns() + kLockRetryNs);
  }
}

}  // namespace fracas::agent
