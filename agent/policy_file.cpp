#include "agent/policy_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "agent/catalogue.h"
#include "lib/model/mistake.h"
#include "lib/model/policy.pb.h"
#include "lib/model/proto_time.h"
#include "lib/model/suggest.h"
#include "lib/model/toml_document.h"
#include "lib/model/toml_reader.h"
#include "lib/os/fd.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20U;

// A mistyped kind would forbid nothing.
void check_kinds(const google::protobuf::RepeatedPtrField<std::string>& kinds, const std::string& key,
                 const model::Places& places, model::Mistakes& mistakes) {
  std::vector<std::string> known;
  for (const FaultKind* kind : catalogue()) known.emplace_back(kind->name);
  for (int i = 0; i < kinds.size(); ++i) {
    const bool fits = std::any_of(known.begin(), known.end(), [&](const std::string& name) {
      return ::fnmatch(kinds[i].c_str(), name.c_str(), 0) == 0;
    });
    if (!fits)
      mistakes.add(places.find(fmt::format("{}[{}]", key, i)),
                   fmt::format("unknown kind \"{}\"{}", kinds[i], model::suggestion(kinds[i], known)));
  }
}

std::vector<model::PortRange> read_ports(const model::Protection& protection, const model::Places& places,
                                         model::Mistakes& mistakes) {
  std::vector<model::PortRange> ranges;
  for (int i = 0; i < protection.ports_size(); ++i) {
    auto range = model::parse_port_range(protection.ports(i));
    if (range) {
      ranges.push_back(*range);
    } else {
      mistakes.add(places.find(fmt::format("protect.ports[{}]", i)), range.error().message);
    }
  }
  return ranges;
}

// Without "..", "." and slashes at the end.
fs::path normal(const std::string& path) {
  const fs::path written = fs::path(path).lexically_normal();
  return written.has_filename() || written == written.root_path() ? written : written.parent_path();
}

std::string cgroup_name(const std::string& written) {
  const std::size_t first = written.find_first_not_of('/');
  return written.substr(first, written.find_last_not_of('/') - first + 1);
}

Policy plain(const model::Policy& message, const std::string& name) {
  const model::Protection& protection = message.protect();
  Policy policy{.source = name,
                .window_max = model::from_proto(message.window_max()),
                .kinds_allowed = {message.kinds_allowed().begin(), message.kinds_allowed().end()},
                .kinds_forbidden = {message.kinds_forbidden().begin(), message.kinds_forbidden().end()},
                .freeze_file = normal(message.freeze_file()),
                .allow_system_clock = message.allow_system_clock(),
                .processes = {protection.processes().begin(), protection.processes().end()},
                .interfaces = {protection.interfaces().begin(), protection.interfaces().end()}};
  if (message.victims_max() > 0) policy.victims_max = message.victims_max();
  for (const std::string& cgroup : protection.cgroups()) policy.cgroups.push_back(cgroup_name(cgroup));
  for (const std::string& path : protection.paths()) policy.paths.push_back(normal(path));
  return policy;
}

tl::unexpected<Error> unreadable(const fs::path& path, int code) {
  return failure(path.string() + ": " + std::generic_category().message(code), code);
}

// The rights are those of the file that is open, so that nobody can exchange it in between.
Result<std::string> read_trusted(const fs::path& path) {
  const os::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) return unreadable(path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return unreadable(path, errno);
  if (!S_ISREG(status.st_mode)) return failure(path.string() + ": this is no file", EINVAL);
  if (auto safe = check_only_root_writes(status.st_uid, status.st_mode, path.string()); !safe)
    return failure(std::move(safe).error());
  const fs::path folder = fs::absolute(path).parent_path();
  if (::stat(folder.c_str(), &status) != 0) return unreadable(folder, errno);
  if (auto safe = check_only_root_writes(status.st_uid, status.st_mode, path.string() + ": its folder"); !safe)
    return failure(std::move(safe).error());
  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0) return unreadable(path, errno);
    if (got == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > kFileBytesMax) return failure(path.string() + ": larger than 1MiB; this is no policy", EFBIG);
  }
}

}  // namespace

Status check_only_root_writes(uid_t owner, mode_t mode, const std::string& what) {
  if (owner != 0) return failure(fmt::format("{} must be owned by root, not by user {}", what, owner), EPERM);
  const bool sticky_folder = S_ISDIR(mode) && (mode & S_ISVTX) != 0;
  if ((mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky_folder)
    return failure(fmt::format("{} must be writable by root alone, its mode is {:04o}", what, mode & 07777U), EPERM);
  return {};
}

Result<Policy> parse_policy(std::string_view text, const std::string& name) {
  auto root = model::parse_toml(text, name);
  if (!root) return failure(std::move(root).error());
  model::Policy message;
  model::Mistakes mistakes;
  model::Places places;
  model::read_message(*root, message, mistakes, places);
  if (!mistakes.empty()) return failure(mistakes.error());
  check_kinds(message.kinds_allowed(), "kinds_allowed", places, mistakes);
  check_kinds(message.kinds_forbidden(), "kinds_forbidden", places, mistakes);
  std::vector<model::PortRange> ports = read_ports(message.protect(), places, mistakes);
  if (!mistakes.empty()) return failure(mistakes.error());
  Policy policy = plain(message, name);
  policy.ports = std::move(ports);
  return policy;
}

Result<Policy> load_policy(const std::optional<fs::path>& asked) {
  const fs::path path = asked.value_or(fs::path(kPolicyFile));
  auto text = read_trusted(path);
  if (!text && !asked && text.error().code == ENOENT) return Policy{};
  if (!text) return failure(std::move(text).error());
  return parse_policy(*text, path.string());
}

}  // namespace fracas::agent
