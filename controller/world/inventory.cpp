#include "controller/world/inventory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <set>
#include <sstream>
#include <vector>

#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"
#include "lib/os/fd.h"
#include "lib/os/file.h"
#include "lib/os/process.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kCommandWithin{30};
constexpr std::size_t kTextMax = std::size_t{4} << 20;

// Every address of a name, as text, sorted. ERRORS: "NAME: Name or service not known".
Result<std::set<std::string>> addresses_of(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0)
    return failure(fmt::format("{}: {}", name, ::gai_strerror(error)), ENOENT);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  std::set<std::string> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      addresses.insert(text.data());
  }
  return addresses;
}

Result<std::string> from_dns(const std::string& name_and_port) {
  const std::size_t colon = name_and_port.rfind(':');
  if (colon == std::string::npos || colon == 0) return failure("dns: takes NAME:PORT");
  const std::string dns_name = name_and_port.substr(0, colon);
  const auto addresses = addresses_of(dns_name);
  if (!addresses) return failure(addresses.error());
  std::string text;
  for (const std::string& address : *addresses) {
    std::string name = "h" + address;
    std::ranges::replace_if(
        name, [](char each) { return each == '.' || each == ':'; }, '-');
    const bool ipv6 = address.find(':') != std::string::npos;
    text += fmt::format("[[host]]\ncertificate = \"{}\"\nname = \"{}\"\naddress = \"{}{}{}:{}\"\n", dns_name, name,
                        ipv6 ? "[" : "", address, ipv6 ? "]" : "", name_and_port.substr(colon + 1));
  }
  return text;
}

// All that is written to `fd` until its other end is closed.
Result<std::string> read_to_end(const os::UniqueFd& fd, std::int64_t deadline_ns) {
  std::string text;
  while (text.size() <= kTextMax) {
    const std::int64_t left_ms = (deadline_ns - os::boot_now_ns()) / 1'000'000;
    pollfd waiting{.fd = fd.get(), .events = POLLIN, .revents = 0};
    if (left_ms <= 0 || ::poll(&waiting, 1, static_cast<int>(left_ms)) == 0)
      return failure("no end in time", ETIMEDOUT);
    std::array<char, 65536> chunk{};
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("read");
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return failure(fmt::format("more than {} MiB", kTextMax >> 20));
}

Result<std::string> from_command(const std::string& command, const fs::path& folder) {
  os::LaunchOptions launch;
  std::istringstream words(command);
  for (std::string word; words >> word;) launch.argv.push_back(word);
  if (launch.argv.empty()) return failure("command: takes PROGRAM ARGUMENT…");
  if (launch.argv.front().find('/') == std::string::npos) launch.argv.insert(launch.argv.begin(), "/usr/bin/env");
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("pipe");
  const os::UniqueFd read_end(ends[0]);
  os::UniqueFd write_end(ends[1]);
  launch.working_directory = folder;
  launch.answers = write_end.get();
  launch.die_with_parent = true;
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error());
  write_end.reset();
  auto text = read_to_end(read_end, os::boot_now_ns() + std::chrono::nanoseconds(kCommandWithin).count());
  const auto ended = text ? process->wait_for(std::chrono::seconds(2)) : std::nullopt;
  if (!ended) {
    static_cast<void>(process->signal(SIGKILL));
    static_cast<void>(process->wait_for(std::chrono::seconds(2)));
  }
  if (!text) return failure(std::move(text).error().context(command));
  if (!ended) return failure(command + ": does not end");
  if (ended->signal != 0 || ended->code != 0)
    return failure(
        fmt::format("{}: ended with exit code {}", command, ended->signal != 0 ? 128 + ended->signal : ended->code));
  return text;
}

}  // namespace

Result<std::string> find_inventory(const std::string& inventory, const fs::path& folder) {
  constexpr std::string_view kDns = "dns:";
  constexpr std::string_view kCommand = "command:";
  if (inventory.starts_with(kDns)) return from_dns(inventory.substr(kDns.size()));
  if (inventory.starts_with(kCommand)) return from_command(inventory.substr(kCommand.size()), folder);
  return os::read_file(folder / inventory);
}

Result<model::Inventory> load_inventory(const std::string& inventory) {
  auto text = find_inventory(inventory, fs::current_path());
  if (!text) return failure(std::move(text).error());
  return model::read_inventory_text(*text, inventory);
}

}  // namespace fracas::controller
