#include "controller/serve/server.h"

#include <httplib.h>

#include <atomic>

#include "controller/serve/tls.h"

namespace fracas::controller {
namespace {

constexpr time_t kReadSeconds = 5;
constexpr time_t kWriteSeconds = 30;
constexpr time_t kKeptOpenSeconds = 5;
constexpr std::size_t kRequestsOfConnection = 1'000'000;

std::string after_prefix(const std::string& text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : "";
}

// The value of our cookie among "a=1; b=2".
std::string our_cookie(const std::string& cookies) {
  const std::string mark = std::string(kCookieName) + "=";
  for (std::size_t at = cookies.find(mark); at != std::string::npos; at = cookies.find(mark, at + 1)) {
    if (at != 0 && cookies[at - 1] != ' ' && cookies[at - 1] != ';') continue;
    const std::size_t begin = at + mark.size();
    return cookies.substr(begin, cookies.find(';', begin) - begin);
  }
  return "";
}

Proof proof_of(const httplib::Request& from) {
  return {.bearer = after_prefix(from.get_header_value("Authorization"), "Bearer "),
          .cookie = our_cookie(from.get_header_value("Cookie")),
          .certificate = certified_name(from.ssl),
          .own_page = from.get_header_value("X-Fracas") == "1"};
}

fracas::controller::Request request_of(const httplib::Request& from) {
  fracas::controller::Request request;
  request.method = from.method;
  request.path = from.path;
  for (const auto& [name, value] : from.params) request.query[name] = value;
  request.body = from.body;
  request.address = from.remote_addr;
  request.last_event_id = from.get_header_value("Last-Event-ID");
  request.repeat_key = from.get_header_value("Idempotency-Key");
  request.encrypted = from.ssl != nullptr;
  return request;
}

// Counts a stream while it is open.
class Seat {
 public:
  explicit Seat(std::atomic<int>& taken) : taken_(taken) { ++taken_; }
  ~Seat() { --taken_; }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

 private:
  std::atomic<int>& taken_;
};

// The mistakes that the library answers itself, before anybody is asked who they are.
fracas::controller::Response library_refusal(int status) {
  if (status == 413) return refusal(413, "too_large", "a body has at most 1 MiB");
  if (status == 414) return refusal(414, "too_large", "a path has at most 8 KiB");
  return refusal(
      status, "bad_request",
      "this is no request, its body does not come as its header says, or a line of its header has over 8 KiB");
}

// A request that announces no body has none (RFC 9112, section 6.3). The library would wait for one with these methods.
bool lacks_body(const httplib::Request& from) {
  const bool may_have_one =
      from.method == "POST" || from.method == "PUT" || from.method == "PATCH" || from.method == "DELETE";
  return may_have_one && !from.has_header("Content-Length") && !from.has_header("Transfer-Encoding");
}

// The library's server, and what its connections follow where it speaks TLS.
struct Door {
  std::unique_ptr<ServerTls> tls;  // outlives the server
  std::unique_ptr<httplib::Server> server;
};

Result<Door> make_door(const ServerOptions& options, Gatekeeper& gatekeeper) {
  if (options.certificate.empty()) return Door{.tls = nullptr, .server = std::make_unique<httplib::Server>()};
  Door door{.tls = std::make_unique<ServerTls>(options, gatekeeper), .server = nullptr};
  Status followed = failure("TLS: out of memory");
  door.server = std::make_unique<httplib::SSLServer>([&](SSL_CTX& context) {
    followed = door.tls->follow(context);
    return followed.has_value();
  });
  if (!followed) return failure(std::move(followed).error());
  return door;
}

class HttpServer final : public fracas::controller::Server {
 public:
  HttpServer(Door door, const Api& api, Gatekeeper& gatekeeper)
      : tls_(std::move(door.tls)), server_(std::move(door.server)), api_(api), gatekeeper_(gatekeeper) {
    set_bounds();
    const auto answer = [this](const httplib::Request& from, httplib::Response& to) { this->answer(from, to); };
    server_->set_pre_routing_handler([answer](const httplib::Request& from, httplib::Response& to) {
      if (!lacks_body(from)) return httplib::Server::HandlerResponse::Unhandled;
      answer(from, to);
      return httplib::Server::HandlerResponse::Handled;
    });
    server_->Get(".*", answer);
    server_->Post(".*", answer);
    server_->Put(".*", answer);
    server_->Patch(".*", answer);
    server_->Delete(".*", answer);
    server_->Options(".*", answer);
    server_->set_error_handler(httplib::Server::Handler(
        [this](const httplib::Request& from, httplib::Response& to) { this->fail(from, to); }));
  }

  Status bind(const ServerOptions& options) {
    port_ = options.port;
    if (options.port == 0) port_ = server_->bind_to_any_port(options.host);
    const bool bound = options.port == 0 ? port_ > 0 : server_->bind_to_port(options.host, options.port);
    if (bound) return {};
    return system_failure("listen on " + options.host + ":" + std::to_string(options.port));
  }

  int port() const override { return port_; }
  int streams() const override { return streams_; }
  void serve() override { server_->listen_after_bind(); }
  void stop() override {
    stopping_ = true;
    server_->stop();
  }

 private:
  void set_bounds();
  void answer(const httplib::Request& from, httplib::Response& to);
  void fail(const httplib::Request& from, httplib::Response& to);
  void send(fracas::controller::Response answer, httplib::Response& to);
  void send_pieces(fracas::controller::Response& answer, httplib::Response& to);

  std::unique_ptr<ServerTls> tls_;
  std::unique_ptr<httplib::Server> server_;
  const Api& api_;
  Gatekeeper& gatekeeper_;
  std::atomic<int> streams_ = 0;
  std::atomic<bool> stopping_ = false;
  int port_ = 0;
};

void HttpServer::set_bounds() {
  server_->new_task_queue = [] { return new httplib::ThreadPool(static_cast<std::size_t>(kThreads)); };
  server_->set_payload_max_length(kBodyMax);
  server_->set_read_timeout(kReadSeconds);
  server_->set_write_timeout(kWriteSeconds);
  server_->set_keep_alive_timeout(kKeptOpenSeconds);
  server_->set_keep_alive_max_count(kRequestsOfConnection);
  server_->set_tcp_nodelay(true);
  // Two controllers on one port would share its connections: the library's default allows that.
  server_->set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
}

void HttpServer::send_pieces(fracas::controller::Response& answer, httplib::Response& to) {
  const bool endless = answer.media == "text/event-stream";
  if (endless && streams_ >= kStreamsMax) return send(refusal(503, "too_many", "too many follow already"), to);
  // Shared, because std::function copies what it holds.
  auto seat = endless ? std::make_shared<Seat>(streams_) : nullptr;
  to.set_chunked_content_provider(
      answer.media, [this, pieces = std::move(answer.pieces), seat](std::size_t, httplib::DataSink& sink) {
        std::string piece;
        if (stopping_ || !pieces(piece)) {
          sink.done();
          return true;
        }
        return piece.empty() || sink.write(piece.data(), piece.size());
      });
}

void HttpServer::send(fracas::controller::Response answer, httplib::Response& to) {
  to.status = answer.status;
  to.set_header("X-Content-Type-Options", "nosniff");
  to.set_header("Referrer-Policy", "no-referrer");
  for (const auto& [name, value] : answer.headers) to.set_header(name, value);
  if (answer.pieces) return send_pieces(answer, to);
  if (answer.status != 204) to.set_content(std::move(answer.body), answer.media);
}

void HttpServer::answer(const httplib::Request& from, httplib::Response& to) {
  auto request = request_of(from);
  auto answer = api_.answer(request, proof_of(from));
  const bool crowded = answer.media == "text/event-stream" && streams_ >= kStreamsMax;
  if (crowded) answer = gatekeeper_.refuse(request, refusal(503, "too_many", "too many follow events already"));
  send(std::move(answer), to);
}

void HttpServer::fail(const httplib::Request& from, httplib::Response& to) {
  if (!to.body.empty()) return;  // an answer of ours
  send(gatekeeper_.refuse(request_of(from), library_refusal(to.status)), to);
}

}  // namespace

Result<std::unique_ptr<Server>> Server::open(const ServerOptions& options, const Api& api, Gatekeeper& gatekeeper) {
  auto door = make_door(options, gatekeeper);
  if (!door) return failure(std::move(door).error());
  auto server = std::make_unique<HttpServer>(std::move(*door), api, gatekeeper);
  if (auto bound = server->bind(options); !bound) return failure(std::move(bound).error());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace fracas::controller
