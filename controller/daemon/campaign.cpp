#include "controller/daemon/campaign.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <utility>

#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/wall_time.h"
#include "lib/base/log.h"

namespace fracas::controller {
namespace {

// Between two looks: a tenth of the lease that faults have by default.
constexpr std::chrono::milliseconds kLook{500};
constexpr const char* kAnything = "SELECT 1";

void until_next_look(const std::stop_token& stopping) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stopping, kLook, [] { return false; });
}

}  // namespace

Campaign::Campaign(Database& database, Leadership& leadership, Leader self, Duties duties)
    : database_(database),
      leadership_(leadership),
      self_(std::move(self)),
      duties_(std::move(duties)),
      thread_([this](const std::stop_token& stopping) { run(stopping); }) {}

void Campaign::run(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    if (auto looked = look(); !looked) {
      log::error("this controller leads no more: {}", looked.error().message);
      leadership_.follow("");
      lost_ = true;
      return;
    }
    if (std::string now = leadership_.describe(); now != said_) {
      fmt::print("fracas {}\n", now);
      std::fflush(stdout);
      said_ = std::move(now);
    }
    until_next_look(stopping);
  }
}

Status Campaign::look() {
  if (leadership_.part() == Leadership::Part::leads) return database_.run(kAnything);
  const auto won = database_.try_lead();
  if (won && *won) return begin_to_lead();
  const auto leader = won ? read_leader(database_) : failure(won.error());
  leadership_.follow(leader && *leader ? (*leader)->address : "");
  const Status followed = leader ? duties_.follow() : failure(leader.error());
  if (!followed) log::warning("while it follows: {}", followed.error().message);
  return {};
}

Status Campaign::begin_to_lead() {
  leadership_.take_over();
  Leader self = self_;
  self.since = wall_now();
  if (auto written = write_leader(database_, self); !written) return written;
  if (auto noted = append_audit(database_, {"fracas", "controller.lead", self.host, self.address}); !noted)
    return noted;
  if (auto taken = take_over(); !taken) return taken;
  leadership_.lead();
  return {};
}

Status Campaign::take_over() {
  const std::jthread keeping([this](const std::stop_token& done) {
    // What is lost meanwhile is seen by the next statement that matters.
    while (!done.stop_requested() && database_.run(kAnything)) until_next_look(done);
  });
  return duties_.take_over();
}

}  // namespace fracas::controller
