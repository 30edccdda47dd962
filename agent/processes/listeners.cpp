#include "agent/processes/listeners.h"

#include <charconv>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>

#include "lib/os/file.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListens = "0A";
constexpr int kHex = 16;

}  // namespace

std::set<std::uint64_t> sockets_on_port(std::string_view table, Transport transport, std::uint16_t port) {
  std::set<std::uint64_t> inodes;
  std::istringstream lines{std::string(table)};
  std::string line;
  std::getline(lines, line);  // the columns' names
  while (std::getline(lines, line)) {
    std::istringstream columns(line);
    std::string number, local, remote, state, queues, timer, retransmits, user, timeout;
    std::uint64_t inode = 0;
    if (!(columns >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode))
      continue;
    const std::size_t colon = local.rfind(':');
    unsigned bound = 0;
    if (colon == std::string::npos ||
        std::from_chars(local.data() + colon + 1, local.data() + local.size(), bound, kHex).ec != std::errc())
      continue;
    if (bound != port || (transport == Transport::tcp && state != kListens) || inode == 0) continue;
    inodes.insert(inode);
  }
  return inodes;
}

Result<std::set<std::uint64_t>> listening_sockets(std::uint16_t port) {
  struct Table {
    const char* file;
    Transport transport;
  };
  std::set<std::uint64_t> inodes;
  Status outcome = failure("no table of sockets");
  for (const Table& table :
       {Table{"/proc/self/net/tcp", Transport::tcp}, Table{"/proc/self/net/tcp6", Transport::tcp},
        Table{"/proc/self/net/udp", Transport::udp}, Table{"/proc/self/net/udp6", Transport::udp}}) {
    auto text = os::read_file(table.file);
    if (!text) {
      if (!outcome) outcome = failure(std::move(text).error());
      continue;
    }
    outcome = {};
    inodes.merge(sockets_on_port(*text, table.transport, port));
  }
  if (!outcome) return failure(std::move(outcome).error());
  return inodes;
}

bool has_socket(pid_t pid, const std::set<std::uint64_t>& inodes) {
  constexpr std::string_view kSocket = "socket:[";
  std::error_code failed;
  const fs::path folder = "/proc/" + std::to_string(pid) + "/fd";
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    std::error_code unreadable;
    const std::string target = fs::read_symlink(entry->path(), unreadable);
    if (unreadable || !target.starts_with(kSocket)) continue;
    std::uint64_t inode = 0;
    const auto read = std::from_chars(target.data() + kSocket.size(), target.data() + target.size(), inode);
    if (read.ec == std::errc() && inodes.contains(inode)) return true;
  }
  return false;
}

}  // namespace fracas::agent
