// fracas-stress: one worker of a stress fault. It is started by the agent and by nobody else:
//   fracas-stress CONTROL INDEX OOM-SCORE [CGROUP…]
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "agent/resources/stress/work.h"

namespace {

using namespace fracas::agent;

// The agent reads nothing but the exit code.
constexpr int kNoControl = 10;
constexpr int kNoCgroup = 12;
constexpr int kNoScore = 13;

void* map_shared(const char* path, std::size_t size, int access) {
  const int fd = ::open(path, (access & PROT_WRITE) != 0 ? O_RDWR : O_RDONLY);
  if (fd < 0) return nullptr;
  struct stat status {};
  if (::fstat(fd, &status) != 0 || static_cast<std::size_t>(status.st_size) < size) return nullptr;
  void* mapped = ::mmap(nullptr, size, access, MAP_SHARED, fd, 0);
  ::close(fd);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

bool write_text(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY);
  if (fd < 0) return false;
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return written;
}

// Field 22 of /proc/self/stat; the program's name, in brackets, holds no blank.
std::uint64_t own_start_ticks() {
  std::FILE* file = std::fopen("/proc/self/stat", "r");
  unsigned long long ticks = 0;
  if (file == nullptr) return 0;
  const int got = std::fscanf(
      file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ticks);
  std::fclose(file);
  return got == 1 ? ticks : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return kNoControl;
  auto* control = static_cast<StressControl*>(map_shared(argv[1], sizeof(StressControl), PROT_READ | PROT_WRITE));
  const auto index = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10));
  if (control == nullptr || control->magic != kStressMagic || index >= kStressWorkersMax) return kNoControl;
  for (int i = 4; i < argc; ++i)
    if (!write_text(std::string(argv[i]) + "/cgroup.procs", "0")) return kNoCgroup;
  if (!write_text("/proc/self/oom_score_adj", argv[3])) return kNoScore;
  StressSlot& slot = control->slots[index];
  std::atomic_ref(slot.start_ticks).store(own_start_ticks());
  std::atomic_ref(slot.pid).store(::getpid());
  Work work(*control, slot);
  if (!work.wait_for_start()) return 0;
  switch (control->kind) {
    case StressKind::cpu:
      burn_cpu(work);
      break;
    case StressKind::memory:
      hold_memory(work);
      break;
    case StressKind::io:
      write_files(work);
      break;
  }
  return 0;
}
