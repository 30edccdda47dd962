#include "tests/e2e/machine_room.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace fracas::test {
namespace {

constexpr const char* kOwnNames = "/proc/thread-self/ns/uts";

template <typename Type>
Type given(Result<Type> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

void done(const Status& status) {
  if (!status) throw std::runtime_error(status.error().message);
}

std::string port(std::size_t machine) {
  return "port" + std::to_string(machine);
}

os::UniqueFd own_names() {
  return os::UniqueFd(::open(kOwnNames, O_RDONLY | O_CLOEXEC));
}

// A namespace in which the host has that name; made by a thread of its own, because unshare(2) moves who calls it.
os::UniqueFd make_names(const std::string& name) {
  os::UniqueFd made;
  std::thread([&] {
    if (::unshare(CLONE_NEWUTS) == 0 && ::sethostname(name.data(), name.size()) == 0) made = own_names();
  }).join();
  if (!made) throw std::runtime_error("no namespace for the host name " + name);
  return made;
}

}  // namespace

std::string MachineRoom::missing() {
  return ::geteuid() == 0 ? "" : "namespaces need root";
}

MachineRoom::MachineRoom(const std::vector<std::string>& names)
    : hub_(given(os::NetNamespace::create())), cables_(given(os::RouteSocket::open_in(hub_))) {
  for (const char* bridge : {"switch", "nowhere"}) {
    done(cables_.create_bridge(bridge));
    done(cables_.set_up(bridge));
  }
  for (std::size_t i = 0; i < names.size(); ++i) add(i, names[i]);
}

std::string MachineRoom::address(std::size_t machine) {
  return "10.79.0." + std::to_string(machine + 1);
}

void MachineRoom::add(std::size_t machine, const std::string& name) {
  machines_.push_back({.network = given(os::NetNamespace::create()), .names = make_names(name)});
  const os::NetNamespace& network = machines_.back().network;
  done(cables_.create_veth({.name = port(machine)}, {.name = "eth0", .netns = &network}));
  plug(machine, "switch");
  done(cables_.set_up(port(machine)));
  auto end = given(os::RouteSocket::open_in(network));
  done(end.add_address("eth0", address(machine) + "/24"));
  done(end.set_up("eth0"));
}

void MachineRoom::plug(std::size_t machine, const std::string& bridge) {
  done(cables_.set_master(port(machine), bridge));
}

MachineRoom::Visit::Visit(const Machine& machine) : home_{given(os::NetNamespace::current()), own_names()} {
  done(machine.network.enter());
  if (::setns(machine.names.get(), CLONE_NEWUTS) != 0) throw std::runtime_error("enter a namespace of host names");
}

MachineRoom::Visit::~Visit() {
  static_cast<void>(home_.network.enter());
  static_cast<void>(::setns(home_.names.get(), CLONE_NEWUTS));
}

}  // namespace fracas::test
