#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "lib/base/result.h"
#include "targets/node/wire/socket.h"

struct ares_channeldata;
struct ares_addrinfo;

namespace fracas::node {

// Asks DNS servers for addresses without ever waiting. Nothing is remembered: each question is asked anew, twice, with
// 250 ms for an answer. Thread: one. Source: c-ares, ares_getaddrinfo(3).
class Resolver {
 public:
  // `servers`: "10.77.0.1:53", several with commas. `family`: AF_INET or AF_INET6. ERRORS: what c-ares cannot read.
  static Result<std::unique_ptr<Resolver>> open(const std::string& servers, int family);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Begins, unless that name is being asked for.
  void ask(const std::string& host);
  // What became of the question, once; nothing while it is open. The address has no port. ERRORS: the answer's.
  std::optional<Result<Address>> take(const std::string& host);
  // Reads what came. Call it often, every 10 ms or so.
  void turn();

 private:
  struct Question {
    bool open = false;
    std::optional<Result<Address>> answer;
  };
  explicit Resolver(int family) : family_(family) {}
  static void answered(void* question, int status, int timeouts, ares_addrinfo* found);

  const int family_;
  ares_channeldata* channel_ = nullptr;
  std::map<std::string, Question> questions_;
};

}  // namespace fracas::node
