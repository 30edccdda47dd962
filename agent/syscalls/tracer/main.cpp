// fracas-trace: disturbs the system calls of some cgroups or processes, as its control memory asks for, until
// window or lease are over. Started by fracas-agent only. It may be killed at any time: the kernel lets its victims go.
#include <sys/prctl.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

#include "agent/syscalls/tracer/syscall_tracer.h"
#include "lib/os/shared_memory.h"

namespace {

using namespace fracas;
using namespace fracas::agent;

constexpr int kCouldNotRun = 5;
constexpr int kBadInput = 6;

}  // namespace

int main(int argc, char** argv) {
  ::prctl(PR_SET_NAME, "fracas-trace");
  int fd = -1;
  if (argc < 3 || std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), fd).ec != std::errc()) {
    std::fprintf(stderr, "usage: fracas-trace DESCRIPTOR CGROUP|PID:TICKS… (started by fracas-agent only)\n");
    return kBadInput;
  }
  auto memory = os::SharedMemory::open(os::UniqueFd(fd), sizeof(SyscallControl));
  if (!memory) {
    std::fprintf(stderr, "fracas-trace: %s\n", memory.error().message.c_str());
    return kBadInput;
  }
  auto& control = *static_cast<SyscallControl*>(memory->data());
  auto traced = traced_from({argv + 2, argv + argc});
  if (!traced) {
    std::fprintf(stderr, "fracas-trace: %s\n", traced.error().message.c_str());
    return kBadInput;
  }
  if (auto done = SyscallTracer(control, std::move(*traced)).run(); !done) {
    tell(control.fault, HelperState::failed, done.error().code != 0 ? done.error().code : EIO);
    return kCouldNotRun;
  }
  return 0;
}
