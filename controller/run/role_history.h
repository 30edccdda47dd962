#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/plan/victims.h"
#include "controller/run/happenings.h"
#include "lib/model/node_event.h"

namespace fracas::model {
class Experiment;
}  // namespace fracas::model

namespace fracas::controller {

// Whether a fault of the experiment depends on more than who leads when it starts: on who led before, on how far nodes
// are, or on a change of roles.
bool follows_roles(const model::Experiment& experiment);

// Who led, one after another, and how far each node is, for selections like "old-leader" and events like
// "leader-elected". Pure; not thread-safe.
class RoleHistory {
 public:
  // `nodes`: all that may have a role.
  explicit RoleHistory(std::vector<std::string> nodes) : nodes_(std::move(nodes)) {}

  // What a node says of itself. Returns the change of role, if it is one.
  std::optional<Happening> follow(const model::NodeEvent& event);
  // Who leads at that time, as the target says; the empty text: nobody. Returns what changed: leader-lost before
  // leader-elected, if both.
  std::vector<Happening> lead(const std::string& leader, std::int64_t time_ns);

  Roles roles() const;

 private:
  std::vector<std::string> nodes_;
  std::string leader_;            // now; empty: nobody
  std::vector<std::string> led_;  // one after another, without repetition of neighbours
  std::map<std::string, std::uint64_t> committed_;
  std::map<std::string, model::Role> role_;
};

}  // namespace fracas::controller
