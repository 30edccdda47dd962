#pragma once
#include <functional>
#include <string>
#include <vector>

#include "lib/os/fd.h"
#include "lib/os/netlink.h"
#include "lib/os/netns.h"

namespace fracas::test {

// Machines with a name and an address each, 10.79.0.1, 10.79.0.2, …, on one switch: namespaces of the network and of
// host names, gone with the object and the processes in them.
class MachineRoom {
 public:
  // What is missing here; empty: nothing.
  static std::string missing();

  // REQUIRES: root. Throws if one cannot be made.
  explicit MachineRoom(const std::vector<std::string>& names);

  static std::string address(std::size_t machine);

  // Does something on a machine: this thread's sockets, and the processes it starts, are there.
  template <typename Work>
  auto on(std::size_t machine, const Work& work) const {
    const Visit visit(machines_.at(machine));
    return work();
  }

  // Nothing that is sent comes through any more, either way, and nobody is told: the machine's cable leads nowhere.
  void cut(std::size_t machine) { plug(machine, "nowhere"); }
  void mend(std::size_t machine) { plug(machine, "switch"); }

 private:
  struct Machine {
    os::NetNamespace network;
    os::UniqueFd names;
  };
  // Moves the calling thread there and back.
  class Visit {
   public:
    explicit Visit(const Machine& machine);
    ~Visit();
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    Machine home_;
  };
  void add(std::size_t machine, const std::string& name);
  void plug(std::size_t machine, const std::string& bridge);

  os::NetNamespace hub_;
  os::RouteSocket cables_;
  std::vector<Machine> machines_;
};

}  // namespace fracas::test
