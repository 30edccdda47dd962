#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/quantity.h"

struct _zhandle;

namespace fracas::controller {

// A session with one ZooKeeper server. Thread: one; the library has two of its own, in the network namespace of the
// thread that opens the session.
class ZooKeeperSession {
 public:
  enum class Outcome : std::uint8_t {
    done,
    no_node,
    exists,
    other_version,
    refused,  // never sent
    unknown,  // sent, perhaps; the session is of no use any more
  };
  struct Reply {
    Outcome outcome = Outcome::unknown;
    std::string value = {};
    int version = 0;
    std::vector<std::string> children = {};
    std::string error = {};
  };
  static constexpr int kAnyVersion = -1;

  // `server` is ADDRESS:PORT. Connecting goes on in the background.
  explicit ZooKeeperSession(const std::string& server);
  ~ZooKeeperSession();
  ZooKeeperSession(const ZooKeeperSession&) = delete;
  ZooKeeperSession& operator=(const ZooKeeperSession&) = delete;

  // Each waits at most until the deadline (CLOCK_BOOTTIME).
  Reply get(const std::string& path, std::int64_t deadline_ns);
  Reply set(const std::string& path, const std::string& value, int version, std::int64_t deadline_ns);
  Reply create(const std::string& path, const std::string& value, std::int64_t deadline_ns);
  Reply children(const std::string& path, std::int64_t deadline_ns);
  // The server catches up with the leader before it answers what is asked next.
  Reply sync(const std::string& path, std::int64_t deadline_ns);

 private:
  struct Pending;
  Reply ask(const std::function<int(void* context)>& begin, std::int64_t deadline_ns);

  _zhandle* handle_;
};

}  // namespace fracas::controller
