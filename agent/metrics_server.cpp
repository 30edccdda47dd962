#include "agent/metrics_server.h"

#include <httplib.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <thread>
#include <utility>

#include "lib/metrics/exposition.h"

namespace fracas::agent {
namespace {

constexpr time_t kSeconds = 1;

// Does each connection's work where it was accepted.
class OneAtATime final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> work) override { work(); }
  void shutdown() override {}
};

struct Address {
  std::string host;
  int port = 0;
};

std::optional<Address> parse_address(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon + 1 == listen.size()) return std::nullopt;
  Address address{.host = listen.substr(0, colon)};
  if (address.host.starts_with('[') && address.host.ends_with(']'))
    address.host = address.host.substr(1, address.host.size() - 2);
  std::uint16_t port = 0;
  const char* end = listen.data() + listen.size();
  const auto [at, wrong] = std::from_chars(listen.data() + colon + 1, end, port);
  if (wrong != std::errc() || at != end || address.host.empty()) return std::nullopt;
  address.port = port;
  return address;
}

class HttpMetricsServer final : public MetricsServer {
 public:
  explicit HttpMetricsServer(const std::function<std::string()>& text) {
    server_.new_task_queue = [] { return std::make_unique<OneAtATime>().release(); };  // the library takes it over
    server_.set_payload_max_length(0);
    server_.set_read_timeout(kSeconds);
    server_.set_write_timeout(kSeconds);
    server_.set_keep_alive_max_count(1);
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_.Get("/metrics", [text](const httplib::Request&, httplib::Response& to) {
      to.set_content(text(), metrics::kMediaType);
    });
    server_.Get("/healthz",
                [](const httplib::Request&, httplib::Response& to) { to.set_content("ok\n", "text/plain"); });
  }
  ~HttpMetricsServer() override { server_.stop(); }

  Status bind(const Address& address) {
    port_ = address.port == 0 ? server_.bind_to_any_port(address.host) : address.port;
    const bool bound = address.port == 0 ? port_ > 0 : server_.bind_to_port(address.host, address.port);
    if (!bound) return system_failure("listen on " + address.host + ":" + std::to_string(address.port));
    serving_ = std::jthread([this] { server_.listen_after_bind(); });
    // Only a server that runs can be stopped.
    while (!server_.is_running()) std::this_thread::yield();
    return {};
  }
  int port() const override { return port_; }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::jthread serving_;  // ends after the destructor's body has stopped the server
};

}  // namespace

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const std::string& listen,
                                                            std::function<std::string()> text) {
  const auto address = parse_address(listen);
  if (!address) return failure("--metrics takes HOST:PORT, not \"" + listen + "\"", EINVAL);
  auto server = std::make_unique<HttpMetricsServer>(text);
  if (auto bound = server->bind(*address); !bound) return failure(std::move(bound).error().context("metrics"));
  return std::unique_ptr<MetricsServer>(std::move(server));
}

}  // namespace fracas::agent
