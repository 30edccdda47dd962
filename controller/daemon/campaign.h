#pragma once
#include <atomic>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "controller/serve/leadership.h"
#include "controller/store/leader.h"
#include "lib/base/result.h"

namespace fracas::controller {

class Database;

// A thread that tries to lead until it does, and then looks twice a second whether it still may, which also keeps the
// lead: who does not look for four seconds is replaced. A leader that lost its
// session with the store, and with it the lock, never leads again: the program is to end its runs, and itself.
class Campaign {
 public:
  // Of the campaign's thread.
  struct Duties {
    std::function<Status()> take_over;  // once it has the lock: before it answers as the leader
    std::function<Status()> follow;     // now and then while another one leads
  };

  // All outlive this. `self`: what others are told of this controller when it leads.
  Campaign(Database& database, Leadership& leadership, Leader self, Duties duties);

  // The lock is lost, or what comes with it could not be done.
  bool lost() const { return lost_; }

 private:
  void run(const std::stop_token& stopping);
  // ERRORS: it cannot lead any more.
  Status look();
  Status begin_to_lead();
  // Does what comes with the lead, which takes as long as healing does, and keeps the lead meanwhile.
  Status take_over();

  Database& database_;
  Leadership& leadership_;
  const Leader self_;
  const Duties duties_;
  std::string said_;  // of its part, on stdout
  std::atomic<bool> lost_ = false;
  std::jthread thread_;
};

}  // namespace fracas::controller
