#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "controller/gameday/day.h"
#include "controller/gameday/event.h"

namespace fracas::model {
class GameDayPlan;
class Notification;
class ProbeSpec;
}  // namespace fracas::model

// Tells the world outside what becomes of game days.
namespace fracas::controller::gameday {

// What is told.
struct News {
  std::string plan_text;  // whose [[notify]] says who hears it
  Announce said;
  Instant at;
};

// Whether a recipient wants to hear of it. Pure.
bool wants(const model::Notification& recipient, Happening what);
// How a recipient is told, as the probe whose measurement tells it, and passes where it was taken: a POST of a JSON
// object with the keys gameday, event, text and at, which any status 2xx takes; a program with the four as its last
// words, which ends with 0. Pure.
model::ProbeSpec delivery(const model::Notification& recipient, const News& news);

// Who hears, without what may be secret of an address: "webhook https://chat.example", "command ./page-somebody".
std::string name_of(const model::Notification& recipient);
// "command ./page-somebody: started, stopped".
std::string describe_recipient(const model::Notification& recipient);

// Delivers in order on a thread of its own, up to kAttempts times to each recipient; only once to one that took nothing
// the last time. Thread: any.
class Notifier {
 public:
  static constexpr int kAttempts = 3;
  static constexpr std::size_t kWaitingMax = 1000;  // further news are dropped, and counted as failed

  // Told of what could not be delivered: the game day, and why.
  using Failed = std::function<void(const std::string& day, const std::string& why)>;

  explicit Notifier(Failed failed);
  ~Notifier();  // gives up what is not delivered

  void tell(News news);

 private:
  void work(const std::stop_token& stopping);
  void deliver(const News& news, const std::stop_token& stopping);
  void deliver_to(const model::Notification& recipient, const News& news, const std::stop_token& stopping);
  bool pause(std::chrono::seconds length, const std::stop_token& stopping);

  const Failed failed_;
  std::mutex mutex_;
  std::condition_variable_any bell_;
  std::deque<News> waiting_;
  std::set<std::string> deaf_;  // recipients, by name, that took nothing the last time; of the thread alone
  std::jthread thread_;
};

}  // namespace fracas::controller::gameday
