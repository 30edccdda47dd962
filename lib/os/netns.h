#pragma once
#include <sys/types.h>

#include <functional>

#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::os {

// A network namespace, held by a descriptor: it lives as long as a descriptor, a process or a thread is in it, and the
// kernel removes it with its links and filters when the last one goes. It is never bind-mounted, so nothing can be
// left.
class NetNamespace {
 public:
  // A new one with loopback up. REQUIRES: CAP_SYS_ADMIN. The calling thread stays where it is.
  static Result<NetNamespace> create();
  static Result<NetNamespace> of_process(pid_t pid);
  // The calling thread's.
  static Result<NetNamespace> current();

  int fd() const { return fd_.get(); }
  // The namespace's inode number, its identity in /proc/*/ns/net.
  Result<unsigned long> inode() const;

  // Moves the calling thread into it for good. For threads made for that, never for a gRPC thread.
  Status enter() const;
  // Runs `work` on a fresh thread inside the namespace and waits for it; its sockets stay in the namespace afterwards.
  Status run(const std::function<Status()>& work) const;

 private:
  explicit NetNamespace(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace fracas::os
