#include "lib/base/journal.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <utility>

namespace fracas::log {

std::string journal_entry(std::initializer_list<JournalField> fields) {
  std::string entry;
  for (const JournalField& field : fields) {
    entry += field.name;
    if (field.value.find('\n') == std::string_view::npos) {
      entry.append("=").append(field.value);
    } else {
      // With its length in 64 bits, little endian, it may have lines.
      entry += '\n';
      for (unsigned shift = 0; shift < 64; shift += 8)
        entry += static_cast<char>((std::uint64_t{field.value.size()} >> shift) & 0xffU);
      entry += field.value;
    }
    entry += '\n';
  }
  return entry;
}

std::optional<Journal> Journal::open(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, socket.data(), socket.size());
  const int made = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (made < 0) return std::nullopt;
  Journal journal(made);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return std::nullopt;
  return journal;
}

Journal::Journal(Journal&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

Journal::~Journal() {
  if (socket_ >= 0) ::close(socket_);
}

bool Journal::send(const std::string& entry) const {
  return ::send(socket_, entry.data(), entry.size(), MSG_NOSIGNAL) >= 0;
}

bool is_journal_stream(const char* journal_stream, int descriptor) {
  struct stat status {};
  if (journal_stream == nullptr || ::fstat(descriptor, &status) != 0) return false;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == journal_stream;
}

}  // namespace fracas::log
