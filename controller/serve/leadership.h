#pragma once
#include <mutex>
#include <optional>
#include <string>

#include "controller/serve/http.h"
#include "controller/serve/routes.h"
#include "controller/serve/run_folders.h"

namespace fracas::controller {

class Database;

// The part of a controller among those on one store. One leads: it starts and stops runs, keeps the game days and knows
// what goes on. The others answer what the store and their own folder know, and send everybody else to the leader.
// Thread: any.
class Leadership {
 public:
  enum class Part {
    follows,
    takes_over,  // it has the lock, and ends what an earlier leader left
    leads
  };

  // The database outlives this.
  Leadership(Database& database, RunFolders folders, Part part);

  void follow(const std::string& leader);  // its address; empty: nobody is known to lead
  void take_over();
  void lead();

  Part part() const;
  // "leads", "takes over", "follows http://10.0.0.7:7070".
  std::string describe() const;

  // The answer to a request that is not for this controller: 307 with the leader's address, or 503 while nobody leads.
  // Nothing: it is answered here. `route` is null for the page.
  std::optional<Response> elsewhere(const Request& request, const Route* route) const;

 private:
  bool answers_itself(const Request& request, const Route* route) const;

  Database& database_;
  const RunFolders folders_;
  mutable std::mutex mutex_;
  Part part_;
  std::string leader_;
};

}  // namespace fracas::controller
