#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/fd.h"
#include "lib/os/line_process.h"
#include "lib/os/line_stream.h"

// Carries the messages of one Maelstrom node program, unchanged, between its stdin and stdout and the network: to the
// bridges of its peers, and from and to clients. Source: Maelstrom, doc/protocol.md.
namespace fracas::maelstrom {

struct Address {
  std::string host;  // IPv4
  std::uint16_t port = 0;
};

struct BridgeOptions {
  std::string name;                      // of this node
  Address listen;                        // for peers and clients
  std::map<std::string, Address> peers;  // all others
  std::vector<std::string> argv;         // the node program
  bool topology = false;                 // after init, tell the node that all others are its neighbours
};

// Sends lines to another bridge, in order, over a connection that it makes anew where it broke. As on a network, what
// cannot be sent is lost: nobody waits for a peer.
class Link {
 public:
  static constexpr std::size_t kQueueMax = 10'000;  // lines; more are dropped

  explicit Link(Address address);
  void push(std::string line);

 private:
  void send_all(const std::stop_token& stopping);

  const Address address_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::string> queue_;
  std::jthread thread_;
};

class Bridge {
 public:
  // Starts the node program, initialises it and listens. ERRORS: the step and its cause; the node did not answer init.
  static Result<std::unique_ptr<Bridge>> open(const BridgeOptions& options);
  // Carries messages until the node program ends, and says how it did. Threads serve connections meanwhile: afterwards
  // only the process may end.
  Error serve();

 private:
  // A connection of a peer or of clients.
  struct Incoming {
    os::LineStream stream;
    std::atomic<bool> ended = false;
    std::jthread thread;
    explicit Incoming(os::LineStream made) : stream(std::move(made)) {}
  };

  Bridge(const BridgeOptions& options, os::LineProcess node);
  Status initialise();
  Status listen();
  void accept_all();
  void serve_one(Incoming& incoming);
  void to_node(const std::string& line);
  void route(const std::string& line);

  const BridgeOptions options_;
  os::LineProcess node_;
  std::mutex node_sending_;
  os::UniqueFd listener_;
  std::map<std::string, std::unique_ptr<Link>> links_;
  std::mutex mutex_;
  std::list<Incoming> incoming_;
  std::map<std::string, Incoming*> clients_;  // by the name they sent from last
  std::jthread acceptor_;
};

}  // namespace fracas::maelstrom
