#include "lib/os/netns.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstring>
#include <optional>
#include <string>
#include <thread>

namespace fracas::os {
namespace {

Result<UniqueFd> open_namespace(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_failure("open " + path);
  return fd;
}

// In the calling thread's namespace.
Status bring_loopback_up() {
  const UniqueFd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control) return system_failure("socket");
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  if (::ioctl(control.get(), SIOCGIFFLAGS, &request) != 0) return system_failure("flags of lo");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(control.get(), SIOCSIFFLAGS, &request) != 0) return system_failure("set lo up");
  return {};
}

Result<UniqueFd> unshare_here() {
  if (::unshare(CLONE_NEWNET) != 0) return system_failure("new network namespace");
  if (auto up = bring_loopback_up(); !up) return failure(std::move(up).error());
  return open_namespace("/proc/thread-self/ns/net");
}

}  // namespace

Result<NetNamespace> NetNamespace::create() {
  // A thread of its own, because unshare(2) moves the thread that calls it.
  std::optional<Result<UniqueFd>> made;
  std::thread([&made] { made.emplace(unshare_here()); }).join();
  if (!*made) return failure(std::move(*made).error());
  return NetNamespace(std::move(**made));
}

Result<NetNamespace> NetNamespace::of_process(pid_t pid) {
  auto fd = open_namespace("/proc/" + std::to_string(pid) + "/ns/net");
  if (!fd) return failure(std::move(fd).error());
  return NetNamespace(std::move(*fd));
}

Result<NetNamespace> NetNamespace::current() {
  auto fd = open_namespace("/proc/thread-self/ns/net");
  if (!fd) return failure(std::move(fd).error());
  return NetNamespace(std::move(*fd));
}

Result<unsigned long> NetNamespace::inode() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return system_failure("stat of a network namespace");
  return static_cast<unsigned long>(status.st_ino);
}

Status NetNamespace::enter() const {
  if (::setns(fd_.get(), CLONE_NEWNET) != 0) return system_failure("enter network namespace");
  return {};
}

Status NetNamespace::run(const std::function<Status()>& work) const {
  Status outcome;
  std::thread([&] {
    outcome = enter();
    if (outcome) outcome = work();
  }).join();
  return outcome;
}

}  // namespace fracas::os
