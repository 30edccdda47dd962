#pragma once
#include <string>
#include <thread>

#include "lib/os/fd.h"

namespace fracas::test {

// Stands between one client and a server of this machine, passes everything on, and keeps what the client sent.
class WireRecorder {
 public:
  // Throws if it cannot listen.
  explicit WireRecorder(int server_port);
  ~WireRecorder();
  WireRecorder(const WireRecorder&) = delete;
  WireRecorder& operator=(const WireRecorder&) = delete;

  // Where the one client connects.
  int port() const { return port_; }
  // Waits for the end of its connection.
  std::string recorded();

 private:
  void pass_on(int server_port);

  os::UniqueFd listening_;
  int port_ = 0;
  std::string recorded_;
  std::thread thread_;
};

// Sends bytes to a server of this machine, and returns what it answers until it closes.
std::string send_bytes(int port, const std::string& bytes);

}  // namespace fracas::test
