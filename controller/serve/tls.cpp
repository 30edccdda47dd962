#include "controller/serve/tls.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <array>
#include <memory>

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

// Called by OpenSSL for each certificate of a client's chain; what is no good is refused, and written down.
int judge_certificate(int good, X509_STORE_CTX* chain) {
  if (good == 1) return 1;
  const auto* connection =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* gatekeeper = static_cast<Gatekeeper*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  Request request;
  request.method = "TLS";
  request.path = "handshake";
  request.address = address_of(connection);
  gatekeeper->refuse(request, refusal(401, "unauthorized",
                                      std::string("client certificate: ") +
                                          X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain))));
  return 0;
}

}  // namespace

bool set_up_tls(ssl_ctx_st& context, const ServerOptions& options, Gatekeeper& gatekeeper) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  if (SSL_CTX_use_certificate_chain_file(&context, options.certificate.c_str()) != 1) return false;
  if (SSL_CTX_use_PrivateKey_file(&context, options.key.c_str(), SSL_FILETYPE_PEM) != 1) return false;
  if (options.client_ca.empty()) return true;
  if (SSL_CTX_load_verify_locations(&context, options.client_ca.c_str(), nullptr) != 1) return false;
  SSL_CTX_set_client_CA_list(&context, SSL_load_client_CA_file(options.client_ca.c_str()));
  SSL_CTX_set_app_data(&context, &gatekeeper);
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, judge_certificate);
  constexpr std::array<unsigned char, 6> kSessions{'f', 'r', 'a', 'c', 'a', 's'};
  return SSL_CTX_set_session_id_context(&context, kSessions.data(), kSessions.size()) == 1;
}

std::string certified_name(const ssl_st* connection) {
  if (connection == nullptr || SSL_get_verify_result(connection) != X509_V_OK) return "";
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(connection), X509_free);
  if (!certificate) return "";
  std::array<char, 256> name{};
  const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                                               static_cast<int>(name.size()));
  return length <= 0 ? "" : std::string(name.data(), static_cast<std::size_t>(length));
}

}  // namespace fracas::controller
