#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "controller/pki/authority.h"
#include "controller/pki/pki_folder.h"
#include "lib/os/file.h"
#include "lib/pki/revocations.h"
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

// A folder of its own, removed with the object.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fracas-pki-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path pki() const { return path_ / "pki"; }

 private:
  std::filesystem::path path_;
};

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

std::size_t count_of(const std::vector<IssuedCertificate>& all, const std::string& name, bool current) {
  std::size_t count = 0;
  for (const IssuedCertificate& each : all) count += each.facts.name == name && each.current == current ? 1U : 0U;
  return count;
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

TEST_CASE("pki: certificates live as long as was asked for, but no longer than their authority",
          "[unit][controller][world]") {
  const auto authority = CertificateAuthority::create("short", std::chrono::hours(2));
  REQUIRE(authority);
  const auto hour = authority->issue({.name = "n1", .lifetime = std::chrono::hours(1)});
  REQUIRE(hour);
  const std::time_t now = std::time(nullptr);
  CHECK(verify(hour->ca, hour->certificate, X509_PURPOSE_SSL_SERVER, now + 3000) == X509_V_OK);
  CHECK(verify(hour->ca, hour->certificate, X509_PURPOSE_SSL_SERVER, now + 4000) == X509_V_ERR_CERT_HAS_EXPIRED);
  CHECK_FALSE(authority->issue({.name = "n1", .lifetime = std::chrono::hours(3)}));
}

TEST_CASE("pki: a revoked certificate is refused, by a list that only its authority can make",
          "[unit][controller][world]") {
  const Folder folder;
  std::filesystem::create_directories(folder.pki());
  const auto authority = CertificateAuthority::create();
  const auto other = CertificateAuthority::create();
  REQUIRE((authority && other));
  const auto good = authority->issue_agent("n1");
  const auto bad = authority->issue_agent("n2");
  REQUIRE((good && bad));
  const std::string serial = pki::read_certificate(bad->certificate).value().serial;
  pki::PeerCheck peers(folder.pki() / "revoked.pem", authority->certificate());
  CHECK(peers.check(bad->certificate));  // no list yet
  const std::string second = authority->list_revoked(std::vector<RevokedCertificate>{{serial, 1}}, 2).value();
  CHECK(peers.replace(second) == 2U);
  CHECK(peers.check(good->certificate));
  const auto refused = peers.check(bad->certificate);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == EACCES);
  CHECK(refused.error().message == "the certificate of n2 (" + serial + ") is revoked");
  // An older list, and somebody else's, change nothing.
  CHECK(peers.replace(authority->list_revoked({}, 1).value()) == 2U);
  CHECK_FALSE(peers.replace(other->list_revoked({}, 3).value()));
  CHECK_FALSE(peers.check(bad->certificate));
  // The file may be replaced by hand, and garbage in it changes nothing.
  REQUIRE(os::write_file_durably(folder.pki() / "revoked.pem", "garbage"));
  CHECK(peers.check(good->certificate));
  CHECK_FALSE(peers.check(bad->certificate));
  REQUIRE(os::write_file_durably(folder.pki() / "revoked.pem", authority->list_revoked({}, 3).value()));
  CHECK(peers.check(bad->certificate));
  // One that never saw a good list hears nobody while the file is garbage.
  REQUIRE(os::write_file_durably(folder.pki() / "revoked.pem", "garbage"));
  CHECK_FALSE(pki::PeerCheck(folder.pki() / "revoked.pem", authority->certificate()).check(good->certificate));
}

TEST_CASE("pki: an expired certificate is refused whatever the list says", "[unit][controller][world]") {
  const auto authority = CertificateAuthority::create();
  REQUIRE(authority);
  const auto old = authority->issue({.name = "n1", .lifetime = std::chrono::seconds(-60)});
  REQUIRE(old);
  const auto refused = pki::PeerCheck("", authority->certificate()).check(old->certificate);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "the certificate of n1 has expired");
}

TEST_CASE("pki: a fleet's folder issues, rotates and revokes, and keeps its keys to itself",
          "[unit][controller][world]") {
  const Folder folder;
  REQUIRE(PkiFolder::init(folder.pki(), "test"));
  CHECK_FALSE(PkiFolder::init(folder.pki(), "test"));
  auto opened = PkiFolder::open(folder.pki());
  REQUIRE(opened);
  const auto path = opened->issue({.name = "db1", .lifetime = std::chrono::hours(24)});
  REQUIRE(path);
  CHECK(mode_of(folder.pki()) == 0700);
  for (const char* secret : {"ca.key", "controller.pem", "db1.pem"}) CHECK(mode_of(folder.pki() / secret) == 0600);
  for (const char* name : {"ca", "controller", "revoked", "fracas-controller", "", "a b", "../x", "x.", "-x"})
    CHECK_FALSE(opened->issue({.name = name}));
  CHECK_FALSE(opened->issue({.name = "db1", .role = CertificateRequest::Role::controller}));
  const auto own = load_credentials(folder.pki());
  REQUIRE(own);
  CHECK(pki::read_certificate(own->certificate).value().name == "fracas-controller");

  CHECK(opened->rotate({}, std::chrono::hours(1), std::chrono::hours(24))->empty());
  CHECK(opened->rotate({}, std::chrono::hours(48), std::chrono::hours(72)) == std::vector<std::string>{"db1"});
  auto all = opened->list().value();
  CHECK(count_of(all, "db1", true) == 1);
  CHECK(count_of(all, "db1", false) == 1);
  CHECK(opened->revoke("db1") == 2U);
  CHECK(opened->revoke("db1") == 0U);
  CHECK_FALSE(opened->revoke("db2"));
  CHECK_FALSE(opened->rotate({"db1"}, std::chrono::hours(1), std::chrono::hours(24)));
  REQUIRE(opened->issue({.name = "db1", .lifetime = std::chrono::hours(24)}));
  CHECK(load_credentials(folder.pki(), "db1"));
  CHECK(opened->revoke("controller") == 1U);
  const auto refused = load_credentials(folder.pki());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("is revoked") != std::string::npos);
}
