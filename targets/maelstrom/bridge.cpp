#include "targets/maelstrom/bridge.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "lib/base/log.h"
#include "lib/os/clock.h"

namespace fracas::maelstrom {
namespace {

using nlohmann::json;

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kInitMaxNs = 10 * kSecondNs;
constexpr std::int64_t kLongNs = 3600 * kSecondNs;
constexpr const char* kStarter = "c0";  // the client that initialises

std::int64_t in(std::int64_t ns) {
  return os::boot_now_ns() + ns;
}

std::string text_at(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

json init_of(const BridgeOptions& options) {
  json names = json::array({options.name});
  for (const auto& [name, address] : options.peers) names.push_back(name);
  std::sort(names.begin(), names.end());
  return {{"type", "init"}, {"msg_id", 1}, {"node_id", options.name}, {"node_ids", names}};
}

// Everybody is everybody's neighbour.
json topology_of(const BridgeOptions& options) {
  std::vector<std::string> names{options.name};
  for (const auto& [name, address] : options.peers) names.push_back(name);
  json topology = json::object();
  for (const std::string& name : names) {
    topology[name] = json::array();
    for (const std::string& other : names)
      if (other != name) topology[name].push_back(other);
  }
  return {{"type", "topology"}, {"msg_id", 2}, {"topology", topology}};
}

}  // namespace

Link::Link(Address address) : address_(std::move(address)) {
  thread_ = std::jthread([this](const std::stop_token& stopping) { send_all(stopping); });
}

void Link::push(std::string line) {
  const std::scoped_lock lock(mutex_);
  if (queue_.size() >= kQueueMax) return;
  queue_.push_back(std::move(line));
  wake_.notify_one();
}

void Link::send_all(const std::stop_token& stopping) {
  std::optional<os::LineStream> stream;
  while (!stopping.stop_requested()) {
    std::string line;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stopping, [&] { return !queue_.empty(); })) return;
      line = std::move(queue_.front());
      queue_.pop_front();
    }
    if (!stream)
      if (auto made = os::LineStream::connect(address_.host, address_.port, in(kSecondNs)))
        stream.emplace(std::move(*made));
    if (stream && !stream->send(line, in(kSecondNs))) stream.reset();
  }
}

Bridge::Bridge(const BridgeOptions& options, os::LineProcess node) : options_(options), node_(std::move(node)) {
  for (const auto& [name, address] : options.peers) links_.emplace(name, std::make_unique<Link>(address));
}

Result<std::unique_ptr<Bridge>> Bridge::open(const BridgeOptions& options) {
  auto node = os::LineProcess::start({.argv = options.argv, .errors = {}});
  if (!node) return failure(std::move(node).error());
  std::unique_ptr<Bridge> bridge(new Bridge(options, std::move(*node)));
  if (auto done = bridge->initialise(); !done) return failure(std::move(done).error().context("the node program"));
  if (auto done = bridge->listen(); !done) return failure(std::move(done).error().context("listen"));
  return bridge;
}

// What the node sends before its answer is sent on.
Status Bridge::initialise() {
  std::vector<json> bodies{init_of(options_)};
  if (options_.topology) bodies.push_back(topology_of(options_));
  for (const json& body : bodies) {
    to_node(json{{"id", 0}, {"src", kStarter}, {"dest", options_.name}, {"body", body}}.dump());
    const std::string wanted = text_at(body, "type") + "_ok";
    for (const std::int64_t deadline_ns = in(kInitMaxNs);;) {
      auto line = node_.receive(deadline_ns);
      if (!line) return failure(std::move(line).error().context("no " + wanted));
      const json message = json::parse(*line, nullptr, false);
      if (message.is_object() && text_at(message.value("body", json::object()), "type") == wanted) break;
      route(*line);
    }
  }
  return {};
}

Status Bridge::listen() {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(options_.listen.port);
  if (::inet_pton(AF_INET, options_.listen.host.c_str(), &where.sin_addr) != 1)
    return failure(options_.listen.host + " is no IPv4 address", EINVAL);
  listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  // The socket interface takes every address as one type.
  if (!listener_ || ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      ::listen(listener_.get(), SOMAXCONN) != 0)
    return system_failure(options_.listen.host + ":" + std::to_string(options_.listen.port));
  return {};
}

Error Bridge::serve() {
  acceptor_ = std::jthread([this] { accept_all(); });
  for (;;) {
    auto line = node_.receive(in(kLongNs));
    if (line) {
      route(*line);
    } else if (line.error().code != ETIMEDOUT) {
      return std::move(line).error().context("the node program");
    }
  }
}

void Bridge::accept_all() {
  for (;;) {
    os::UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    os::UniqueFd copy(socket ? ::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0) : -1);
    if (!copy || !os::tune_for_lines(socket.get())) continue;
    auto stream = os::LineStream::over(std::move(socket), std::move(copy));
    if (!stream) continue;
    const std::scoped_lock lock(mutex_);
    std::erase_if(incoming_, [](const Incoming& old) { return old.ended.load(); });
    Incoming& incoming = incoming_.emplace_back(std::move(*stream));
    incoming.thread = std::jthread([this, &incoming] { serve_one(incoming); });
  }
}

void Bridge::serve_one(Incoming& incoming) {
  for (;;) {
    auto line = incoming.stream.receive(in(kLongNs));
    if (!line && line.error().code == ETIMEDOUT) continue;
    if (!line) break;
    const json message = json::parse(*line, nullptr, false);
    if (!message.is_object()) break;
    const std::string from = text_at(message, "src");
    if (links_.count(from) == 0) {
      const std::scoped_lock lock(mutex_);
      clients_[from] = &incoming;
    }
    to_node(*line);
  }
  const std::scoped_lock lock(mutex_);
  std::erase_if(clients_, [&](const auto& client) { return client.second == &incoming; });
  incoming.ended = true;
}

void Bridge::to_node(const std::string& line) {
  const std::scoped_lock lock(node_sending_);
  // A node that does not read any more is as one that is gone: what it is sent is lost.
  static_cast<void>(node_.send(line, in(kSecondNs)));
}

void Bridge::route(const std::string& line) {
  const json message = json::parse(line, nullptr, false);
  if (!message.is_object()) return log::warning("not a message: {}", line);
  const std::string to = text_at(message, "dest");
  if (to == options_.name) return to_node(line);
  if (const auto link = links_.find(to); link != links_.end()) return link->second->push(line);
  const std::scoped_lock lock(mutex_);
  const auto client = clients_.find(to);
  if (client == clients_.end()) return log::warning("nobody is called {}: {}", to, line);
  static_cast<void>(client->second->stream.send(line, in(kSecondNs)));
}

}  // namespace fracas::maelstrom
