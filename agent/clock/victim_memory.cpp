#include "agent/clock/victim_memory.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace fracas::agent::clock {
namespace {

struct Mapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};

constexpr int kLooksMax = 5;

// As the process was given it at its exec. False for one without memory: a zombie, a kernel thread.
bool was_given_vdso(const std::string& process) {
  std::ifstream vector("/proc/" + process + "/auxv", std::ios::binary);
  for (Elf64_auxv_t entry{}; vector.read(reinterpret_cast<char*>(&entry), sizeof entry);)
    if (entry.a_type == AT_SYSINFO_EHDR) return true;
  return false;
}

// An empty one where the list of mappings is empty; nothing where the vDSO is not in it.
std::optional<Mapping> look_for_vdso(const std::string& process) {
  std::ifstream maps("/proc/" + process + "/maps");
  if (maps.peek() == std::ifstream::traits_type::eof()) return Mapping{};
  for (std::string line; std::getline(maps, line);) {
    if (!line.ends_with("[vdso]")) continue;
    Mapping found;
    const char* end = line.data() + line.size();
    const auto start = std::from_chars(line.data(), end, found.start, 16);
    if (start.ec != std::errc() || start.ptr == end) return std::nullopt;
    if (std::from_chars(start.ptr + 1, end, found.end, 16).ec != std::errc()) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

// The list of a process that maps memory all the time, as a Java program does, is not read in one piece. What is
// missing in it is looked for again while the process's own papers say that it should be there.
// ERRORS: ESRCH the process has no memory any more; ENOEXEC it has no vDSO.
Result<Mapping> find_vdso(const std::string& process) {
  std::optional<Mapping> found;
  for (int i = 0; i < kLooksMax; ++i) {
    found = look_for_vdso(process);
    if (found && found->end != 0) return *found;
    if (!was_given_vdso(process)) break;
  }
  if (found) return failure("process " + process + " is gone", ESRCH);
  return failure("process " + process + " has no vDSO", ENOEXEC);
}

}  // namespace

Result<VictimMemory> VictimMemory::open(pid_t pid) {
  const std::string name = std::to_string(pid);
  os::UniqueFd fd(::open(("/proc/" + name + "/mem").c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) {
    const int code = errno == ENOENT ? ESRCH : errno;
    return system_failure("memory of process " + name, code);
  }
  VictimMemory memory(pid, std::move(fd));
  const auto mapping = find_vdso(name);
  if (!mapping) return failure(mapping.error());
  memory.base_ = mapping->start;
  memory.size_ = mapping->end - mapping->start;
  return memory;
}

bool VictimMemory::current() const {
  const auto mapping = find_vdso(std::to_string(pid_));
  return mapping && mapping->start == base_;
}

Result<Bytes> VictimMemory::read_vdso() const {
  Bytes bytes(size_);
  const ssize_t got = ::pread(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(base_));
  // Memory of a process that ended or called exec reads as nothing.
  if (got == 0) return failure(fmt::format("process {} is gone", pid_), ESRCH);
  if (got < 0) return system_failure(fmt::format("read the vDSO of process {}", pid_));
  if (static_cast<std::size_t>(got) != bytes.size())
    return failure(fmt::format("read the vDSO of process {}: cut off", pid_), EIO);
  return bytes;
}

Status VictimMemory::write(std::size_t offset, std::span<const std::uint8_t> bytes) const {
  const ssize_t put = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(base_ + offset));
  if (put == 0) return failure(fmt::format("process {} is gone", pid_), ESRCH);
  if (put < 0) return system_failure(fmt::format("write to the vDSO of process {}", pid_));
  if (static_cast<std::size_t>(put) != bytes.size())
    return failure(fmt::format("write to the vDSO of process {}: cut off", pid_), EIO);
  return {};
}

Result<VdsoImage> pristine_vdso() {
  const auto mapping = find_vdso("self");
  if (!mapping) return failure(Error(mapping.error()).context("this kernel gives programs no vDSO"));
  return parse_vdso({reinterpret_cast<const std::uint8_t*>(mapping->start), mapping->end - mapping->start});
}

}  // namespace fracas::agent::clock
