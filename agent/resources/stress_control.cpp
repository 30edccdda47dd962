#include "agent/resources/stress_control.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

#include "agent/site.h"
#include "lib/os/clock.h"
#include "lib/os/fd.h"
#include "lib/os/process.h"

namespace fracas::agent {
namespace {

constexpr std::int64_t kEndWaitNs = 2'000'000'000;
constexpr std::int64_t kLookAgainNs = 1'000'000;

// Workers write them while we read.
template <typename Number>
Number load(const Number& shared) {
  return std::atomic_ref<Number>(const_cast<Number&>(shared)).load();
}

std::vector<os::ProcessIdentity> registered(const StressControl& control) {
  std::vector<os::ProcessIdentity> found;
  for (const StressSlot& slot : control.slots) {
    const std::int64_t pid = load(slot.pid);
    if (pid > 0) found.push_back({.pid = static_cast<pid_t>(pid), .start_ticks = load(slot.start_ticks)});
  }
  return found;
}

}  // namespace

Result<StressControlFile> StressControlFile::map(const std::filesystem::path& path, int flags) {
  const os::UniqueFd fd(::open(path.c_str(), flags | O_RDWR | O_CLOEXEC, 0600));
  if (!fd) return system_failure("open " + path.string());
  if ((flags & O_CREAT) != 0 && ::ftruncate(fd.get(), sizeof(StressControl)) != 0)
    return system_failure("size " + path.string());
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_failure("stat " + path.string());
  // A file that was never sized would end the reader by SIGBUS.
  if (status.st_size != sizeof(StressControl)) return failure(path.string() + " is no control file", EINVAL);
  void* mapped = ::mmap(nullptr, sizeof(StressControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return system_failure("map " + path.string());
  return StressControlFile(static_cast<StressControl*>(mapped));
}

Result<StressControlFile> StressControlFile::create(const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  if (failed) return system_failure("make " + path.parent_path().string(), failed.value());
  auto file = map(path, O_CREAT | O_TRUNC);
  if (file) file->content().magic = kStressMagic;
  return file;
}

Result<StressControlFile> StressControlFile::open(const std::filesystem::path& path) {
  auto file = map(path, 0);
  if (file && file->content().magic != kStressMagic) return failure(path.string() + " is no control file", EINVAL);
  return file;
}

StressControlFile::StressControlFile(StressControlFile&& other) noexcept
    : mapped_(std::exchange(other.mapped_, nullptr)) {}

StressControlFile::~StressControlFile() {
  if (mapped_ != nullptr) ::munmap(mapped_, sizeof(StressControl));
}

void StressControlFile::set_window(std::int64_t start_ns, std::int64_t end_ns) {
  std::atomic_ref<std::int64_t>(mapped_->start_ns).store(start_ns);
  std::atomic_ref<std::int64_t>(mapped_->end_ns).store(end_ns);
}

void StressControlFile::set_lease_end(std::int64_t lease_end_ns) {
  std::atomic_ref<std::int64_t>(mapped_->lease_end_ns).store(lease_end_ns);
}

model::EffectCounters StressControlFile::counters() const {
  model::EffectCounters sum;
  for (const StressSlot& slot : mapped_->slots) {
    sum.matched += load(slot.tried);
    sum.affected += load(slot.done);
    sum.bytes += load(slot.bytes);
    const std::int64_t first = load(slot.first_ns);
    if (first == 0) continue;
    sum.first_ns = sum.first_ns == 0 ? first : std::min(sum.first_ns, first);
    sum.last_ns = std::max(sum.last_ns, load(slot.last_ns));
  }
  return sum;
}

Status end_stress_workers(const std::filesystem::path& control) {
  auto file = StressControlFile::open(control);
  if (!file && file.error().code == ENOENT) return {};
  if (file) {
    file->set_window(0, kStressOver);
    const std::int64_t deadline = os::boot_now_ns() + kEndWaitNs;
    const auto alive = [](const os::ProcessIdentity& worker) { return worker.alive(); };
    for (auto workers = registered(file->content()); std::any_of(workers.begin(), workers.end(), alive);
         workers = registered(file->content())) {
      if (os::boot_now_ns() > deadline) return failure("stress workers survive SIGKILL", ETIMEDOUT);
      for (const os::ProcessIdentity& worker : workers)
        if (auto sent = signal_process(worker, SIGKILL); !sent) return failure(std::move(sent).error());
      os::sleep_until_boot_ns(os::boot_now_ns() + kLookAgainNs);
    }
  }
  // A worker that has not opened it yet will not find it.
  if (::unlink(control.c_str()) != 0 && errno != ENOENT) return system_failure("remove " + control.string());
  return {};
}

}  // namespace fracas::agent
