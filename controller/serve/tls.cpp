#include "controller/serve/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "lib/base/log.h"
#include "lib/os/file_stamp.h"

namespace fracas::controller {
namespace {

std::string address_of(const SSL* connection) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(SSL_get_fd(connection), reinterpret_cast<sockaddr*>(&peer), &size) != 0) return "unknown";
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* address = peer.ss_family == AF_INET6
                            ? static_cast<const void*>(&reinterpret_cast<sockaddr_in6*>(&peer)->sin6_addr)
                            : static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(&peer)->sin_addr);
  return ::inet_ntop(peer.ss_family, address, text.data(), text.size()) == nullptr ? "unknown" : text.data();
}

Gatekeeper& gatekeeper_of(const SSL* connection) {
  return *static_cast<Gatekeeper*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
}

void note_refusal(const SSL* connection, const std::string& reason) {
  Request request;
  request.method = "TLS";
  request.path = "handshake";
  request.address = address_of(connection);
  gatekeeper_of(connection).refuse(request, refusal(401, "unauthorized", reason));
}

// Called by OpenSSL for each certificate of a client's chain; what is no good is refused, and written down.
int judge_certificate(int good, X509_STORE_CTX* chain) {
  if (good == 1) return 1;
  const auto* connection =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  note_refusal(connection,
               std::string("client certificate: ") + X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain)));
  return 0;
}

// Called by OpenSSL along a connection; what it refuses by an alert of its own is written down, but for certificates,
// which are already.
void hear_alert(const SSL* connection, int where, int alert) {
  const bool refuses = (where & SSL_CB_ALERT) != 0 && (where & SSL_CB_WRITE) != 0 && (alert >> 8) == SSL3_AL_FATAL;
  if (refuses && SSL_get_verify_result(connection) == X509_V_OK)
    note_refusal(connection, std::string("TLS: ") + SSL_alert_desc_string_long(alert));
}

// Called by OpenSSL when a connection begins, before anything of its context is used.
int choose_context(SSL* connection, int*, void* tls) {
  const auto context = static_cast<ServerTls*>(tls)->current();
  if (context) SSL_set_SSL_CTX(connection, context.get());  // which holds on to it
  return SSL_CLIENT_HELLO_SUCCESS;
}

tl::unexpected<Error> tls_failure(const std::string& file) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return failure("TLS: " + file + ": " + (reason == nullptr ? "it cannot be used" : reason));
}

// Nobody goes on from an earlier connection: what was found out about a certificate then may not hold any more.
void forget_sessions(SSL_CTX& context) {
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(&context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(&context, 0);
}

}  // namespace

Status ServerTls::set_up(ssl_ctx_st& context) const {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  forget_sessions(context);
  SSL_CTX_set_app_data(&context, &gatekeeper_);
  SSL_CTX_set_info_callback(&context, hear_alert);
  if (SSL_CTX_use_certificate_chain_file(&context, options_.certificate.c_str()) != 1)
    return tls_failure(options_.certificate);
  if (SSL_CTX_use_PrivateKey_file(&context, options_.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return tls_failure(options_.key);
  if (options_.client_ca.empty()) return {};
  if (SSL_CTX_load_verify_locations(&context, options_.client_ca.c_str(), nullptr) != 1)
    return tls_failure(options_.client_ca);
  SSL_CTX_set_client_CA_list(&context, SSL_load_client_CA_file(options_.client_ca.c_str()));
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, judge_certificate);
  return {};
}

Status ServerTls::follow(ssl_ctx_st& context) {
  SSL_CTX_set_client_hello_cb(&context, choose_context, this);
  return set_up(context);
}

Result<std::shared_ptr<ssl_ctx_st>> ServerTls::load() const {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_method()), SSL_CTX_free);  // shared as OpenSSL shares it
  if (!context) return failure("TLS: out of memory");
  if (auto done = set_up(*context); !done) return failure(std::move(done).error());
  return context;
}

std::string ServerTls::stamps() const {
  return os::stamp_of(options_.certificate) + "," + os::stamp_of(options_.key) + "," + os::stamp_of(options_.client_ca);
}

std::shared_ptr<ssl_ctx_st> ServerTls::current() {
  const std::scoped_lock lock(mutex_);
  const std::string now = stamps();
  if (now == seen_) return current_;
  const bool first = seen_.empty();
  seen_ = now;
  auto loaded = load();
  if (!loaded) {
    log::error("{}; what was read before holds on", loaded.error().message);
    return current_;
  }
  if (!first) log::info("TLS: the certificates were read anew");
  current_ = std::move(*loaded);
  return current_;
}

std::string certified_name(const ssl_st* connection) {
  if (connection == nullptr || SSL_get_verify_result(connection) != X509_V_OK) return "";
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(connection), X509_free);
  if (!certificate || X509_cmp_current_time(X509_get0_notAfter(certificate.get())) <= 0) return "";
  std::array<char, 256> name{};
  const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                                               static_cast<int>(name.size()));
  return length <= 0 ? "" : std::string(name.data(), static_cast<std::size_t>(length));
}

}  // namespace fracas::controller
