#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace fracas::log {

// Where systemd's journal takes entries.
inline constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

struct JournalField {
  std::string_view name;  // "MESSAGE": capital letters, digits and underscores
  std::string_view value;
};

// An entry as the journal takes it: any byte may be in a value. Source: systemd, "Native Journal Protocol".
std::string journal_entry(std::initializer_list<JournalField> fields);

// A connection to the journal. Thread: any.
class Journal {
 public:
  // Nothing where nobody listens there.
  static std::optional<Journal> open(const std::string& socket);
  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  ~Journal();

  // One entry. False where it could not be handed over: nobody listens any more, or it is too large for a datagram.
  bool send(const std::string& entry) const;

 private:
  explicit Journal(int socket) : socket_(socket) {}
  int socket_;
};

// Whether what the environment calls JOURNAL_STREAM is that descriptor: a service manager connected it with the
// journal. Source: systemd.exec(5), "$JOURNAL_STREAM".
bool is_journal_stream(const char* journal_stream, int descriptor);

}  // namespace fracas::log
