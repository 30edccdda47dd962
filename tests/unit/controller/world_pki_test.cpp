#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "controller/world/pki.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeX509>;

Certificate read(const std::string& pem) {
  BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  Certificate certificate(PEM_read_bio_X509(memory, nullptr, nullptr, nullptr));
  BIO_free(memory);
  REQUIRE(certificate);
  return certificate;
}

// OpenSSL's own verdict on a chain of one link, for clients or servers, at `when`.
int verify(const std::string& ca_pem, const std::string& pem, int purpose, std::time_t when) {
  const Certificate ca = read(ca_pem);
  const Certificate leaf = read(pem);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, ca.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
  X509_STORE_CTX_set_purpose(context, purpose);
  X509_STORE_CTX_set_time(context, 0, when);
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
  const int error = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return error;
}

}  // namespace

TEST_CASE("pki: an agent's certificate is good for its name, as a server only, for a day",
          "[unit][controller][world]") {
  const auto authority = CertificateAuthority::create();
  REQUIRE(authority);
  const auto agent = authority->issue_agent("n1");
  REQUIRE(agent);
  const std::time_t now = std::time(nullptr);
  CHECK(verify(agent->ca, agent->certificate, X509_PURPOSE_SSL_SERVER, now) == X509_V_OK);
  CHECK(verify(agent->ca, agent->certificate, X509_PURPOSE_SSL_SERVER, now - 4 * 60) == X509_V_OK);
  CHECK(verify(agent->ca, agent->certificate, X509_PURPOSE_SSL_SERVER, now - 6 * 60) == X509_V_ERR_CERT_NOT_YET_VALID);
  CHECK(verify(agent->ca, agent->certificate, X509_PURPOSE_SSL_SERVER, now + 25 * 3600) == X509_V_ERR_CERT_HAS_EXPIRED);
  CHECK(verify(agent->ca, agent->certificate, X509_PURPOSE_SSL_CLIENT, now) == X509_V_ERR_INVALID_PURPOSE);
  CHECK(X509_check_host(read(agent->certificate).get(), "n1", 0, 0, nullptr) == 1);
  CHECK(X509_check_host(read(agent->certificate).get(), "n2", 0, 0, nullptr) == 0);
}

TEST_CASE("pki: the controller's certificate is good as a client only", "[unit][controller][world]") {
  const auto authority = CertificateAuthority::create();
  REQUIRE(authority);
  const auto controller = authority->issue_client(kControllerName);
  REQUIRE(controller);
  const std::time_t now = std::time(nullptr);
  CHECK(verify(controller->ca, controller->certificate, X509_PURPOSE_SSL_CLIENT, now) == X509_V_OK);
  CHECK(verify(controller->ca, controller->certificate, X509_PURPOSE_SSL_SERVER, now) == X509_V_ERR_INVALID_PURPOSE);
}

TEST_CASE("pki: another authority of the same name is not trusted", "[unit][controller][world]") {
  const auto one = CertificateAuthority::create();
  const auto other = CertificateAuthority::create();
  REQUIRE((one && other));
  const auto mine = one->issue_agent("n1");
  const auto theirs = other->issue_agent("n1");
  REQUIRE((mine && theirs));
  CHECK(verify(mine->ca, theirs->certificate, X509_PURPOSE_SSL_SERVER, std::time(nullptr)) != X509_V_OK);
  CHECK(mine->key != theirs->key);
}
