#include "controller/run/role_watch.h"

#include <utility>

#include "controller/world/waiting.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kAskEveryNs = 50'000'000;
constexpr std::int64_t kReadEveryNs = 20'000'000;

}  // namespace

RoleWatch::RoleWatch(RoleWatchOptions options) : options_(std::move(options)), history_(options_.nodes) {
  asking_ = std::jthread([this](const std::stop_token& stopping) { watch(stopping); });
  reading_ = std::jthread([this](const std::stop_token& stopping) {
    while (sleep_until(os::boot_now_ns() + kReadEveryNs, stopping)) read_events();
  });
}

void RoleWatch::watch(const std::stop_token& stopping) {
  do {
    const std::string leader = options_.ask_leader();
    std::vector<Happening> changes;
    {
      const std::scoped_lock lock(mutex_);
      changes = history_.lead(leader, os::boot_now_ns());
    }
    for (const Happening& change : changes) options_.happened(change);
  } while (sleep_until(os::boot_now_ns() + kAskEveryNs, stopping));
}

// Whole lines only: what is being written is read the next time.
void RoleWatch::read_events() {
  for (const std::string& node : options_.nodes) {
    std::ifstream& file = files_[node];
    if (!file.is_open()) file.open(options_.events / node / "events.jsonl");
    if (!file.is_open()) continue;
    file.clear();
    std::streampos begin = file.tellg();
    for (std::string line; std::getline(file, line) && !file.eof(); begin = file.tellg()) {
      const auto event = model::parse_node_event(line);
      if (!event) continue;
      std::optional<Happening> change;
      {
        const std::scoped_lock lock(mutex_);
        change = history_.follow(*event);
      }
      if (change) options_.happened(*change);
    }
    file.clear();
    file.seekg(begin);
  }
}

Roles RoleWatch::roles() const {
  const std::scoped_lock lock(mutex_);
  return history_.roles();
}

}  // namespace fracas::controller
