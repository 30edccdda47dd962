#include "targets/node/shell/resolver.h"

#include <ares.h>
#include <poll.h>

#include <array>
#include <cstring>

namespace fracas::node {
namespace {

constexpr int kAnswerMaxMs = 250;
constexpr int kTries = 2;

}  // namespace

Result<std::unique_ptr<Resolver>> Resolver::open(const std::string& servers, int family) {
  std::unique_ptr<Resolver> resolver(new Resolver(family));
  ares_options options{};
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.timeout = kAnswerMaxMs;
  options.tries = kTries;
  std::string lookups = "b";  // DNS alone, no hosts file
  options.lookups = lookups.data();
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS;
  if (const int status = ares_init_options(&resolver->channel_, &options, mask); status != ARES_SUCCESS)
    return failure(std::string("start the resolver: ") + ares_strerror(status));
  if (const int status = ares_set_servers_ports_csv(resolver->channel_, servers.c_str()); status != ARES_SUCCESS)
    return failure("DNS servers \"" + servers + "\": " + ares_strerror(status));
  return resolver;
}

Resolver::~Resolver() {
  if (channel_ != nullptr) ares_destroy(channel_);
}

void Resolver::ask(const std::string& host) {
  Question& question = questions_[host];
  if (question.open) return;
  question.open = true;
  question.answer.reset();
  ares_addrinfo_hints hints{};
  hints.ai_family = family_;
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, answered, &question);
}

void Resolver::answered(void* asked, int status, int /*timeouts*/, ares_addrinfo* found) {
  Question& question = *static_cast<Question*>(asked);
  question.open = false;
  if (status != ARES_SUCCESS || found == nullptr || found->nodes == nullptr) {
    question.answer = failure(ares_strerror(status));
  } else {
    Address address;
    address.size = found->nodes->ai_addrlen;
    std::memcpy(&address.storage, found->nodes->ai_addr, address.size);
    question.answer = address;
  }
  if (found != nullptr) ares_freeaddrinfo(found);
}

std::optional<Result<Address>> Resolver::take(const std::string& host) {
  const auto question = questions_.find(host);
  if (question == questions_.end()) return std::nullopt;
  return std::exchange(question->second.answer, std::nullopt);
}

void Resolver::turn() {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const auto wanted = static_cast<unsigned>(ares_getsock(channel_, sockets.data(), ARES_GETSOCK_MAXNUM));
  for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
    if ((wanted >> i & 1U) == 0) continue;
    pollfd ready{sockets[i], POLLIN, 0};
    if (::poll(&ready, 1, 0) > 0) ares_process_fd(channel_, sockets[i], ARES_SOCKET_BAD);
  }
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what has taken too long
}

}  // namespace fracas::node
