// Certificates as users' proofs: the right one, wrong ones, and none.
#include <httplib.h>

#include <string>

#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "tests/catch/catch.h"
#include "tests/e2e/authority.h"
#include "tests/e2e/controller.h"

namespace {

using namespace fracas::test;
namespace fs = std::filesystem;

// Puts an authority's certificate and key in the place of others, each in one step.
void replace(const Authority& from, const std::string& file, const std::string& with) {
  for (const char* suffix : {".pem", ".key"}) {
    fs::copy_file(from.path(file) + suffix, with + suffix + "-new");
    fs::rename(with + suffix + "-new", with + suffix);
  }
}

// The status of GET /api/v1/me; 0: no connection.
int ask(const Controller& controller, const std::string& certificate, const std::string& token = "") {
  httplib::SSLClient client("127.0.0.1", controller.port(), certificate.empty() ? "" : certificate + ".pem",
                            certificate.empty() ? "" : certificate + ".key");
  client.enable_server_certificate_verification(false);
  httplib::Headers headers;
  if (!token.empty()) headers.emplace("Authorization", "Bearer " + token);
  const auto answer = client.Get("/api/v1/me", headers);
  return answer ? answer->status : 0;
}

// The status that somebody gets who trusts that authority alone, and shows that certificate; 0: no connection.
int ask_trusting(const Controller& controller, const std::string& ca, const std::string& certificate) {
  httplib::SSLClient client("127.0.0.1", controller.port(), certificate + ".pem", certificate + ".key");
  client.set_ca_cert_path(ca.c_str());
  client.enable_server_certificate_verification(true);
  const auto answer = client.Get("/api/v1/me");
  return answer ? answer->status : 0;
}

}  // namespace

TEST_CASE("serve: over TLS a certificate proves who somebody is, and wrong ones are refused and logged",
          "[e2e][serve]") {
  const Scratch scratch;
  const Authority ours(scratch.path(), "ca");
  const Authority theirs(scratch.path(), "other-ca");
  ours.issue("server", "localhost");
  ours.issue("alice", "alice");
  ours.issue("mallory", "mallory");
  ours.issue("expired", "alice", -1);
  theirs.issue("forged", "alice");
  Controller controller(scratch, {"--tls-cert", ours.path("server.pem"), "--tls-key", ours.path("server.key"),
                                  "--client-ca", ours.path("ca.pem")});
  const std::string token = controller.add_user("alice", "viewer");
  CHECK(ask(controller, ours.path("alice")) == 200);
  CHECK(ask(controller, "", token) == 200);
  CHECK(ask(controller, "") == 401);
  CHECK(ask(controller, ours.path("mallory")) == 401);
  CHECK(ask(controller, ours.path("expired")) == 0);
  CHECK(ask(controller, ours.path("forged")) == 0);
  const auto database = fracas::controller::Database::open(scratch.path() / "controller" / "fracas.db");
  REQUIRE(database.has_value());
  std::string log;
  const auto entries = fracas::controller::list_audit(**database, 0, 100);
  for (const auto& entry : *entries) log += entry.note.details + "\n";
  CHECK(log.find("certificate has expired") != std::string::npos);
  CHECK(log.find("nobody's") != std::string::npos);
  const auto removed =
      run(scratch, {"serve", "user", "remove", "alice", "--state", (scratch.path() / "controller").string()});
  CHECK(removed.code == 0);
  CHECK(ask(controller, ours.path("alice")) == 401);
}

TEST_CASE("serve: certificate, key and client CA are replaced without a restart", "[e2e][serve]") {
  const Scratch scratch;
  const Authority first(scratch.path(), "first-ca");
  const Authority second(scratch.path(), "second-ca");
  for (const Authority* authority : {&first, &second}) {
    const std::string prefix = authority == &first ? "first-" : "second-";
    authority->issue(prefix + "server", "127.0.0.1");
    authority->issue(prefix + "alice", "alice");
  }
  const std::string used = first.path("used"), ca = first.path("used-ca.pem");
  replace(first, "first-server", used);
  fs::copy_file(first.path("first-ca.pem"), ca);
  Controller controller(scratch, {"--tls-cert", used + ".pem", "--tls-key", used + ".key", "--client-ca", ca});
  static_cast<void>(controller.add_user("alice", "viewer"));
  CHECK(ask_trusting(controller, first.path("first-ca.pem"), first.path("first-alice")) == 200);
  CHECK(ask_trusting(controller, second.path("second-ca.pem"), first.path("first-alice")) == 0);

  // A certificate without its key: what was there holds on.
  fs::copy_file(second.path("second-server.pem"), used + ".pem", fs::copy_options::overwrite_existing);
  CHECK(ask_trusting(controller, first.path("first-ca.pem"), first.path("first-alice")) == 200);
  CHECK(controller.program().output().find("what was read before holds on") != std::string::npos);

  replace(second, "second-server", used);
  CHECK(ask_trusting(controller, second.path("second-ca.pem"), first.path("first-alice")) == 200);
  CHECK(ask_trusting(controller, first.path("first-ca.pem"), first.path("first-alice")) == 0);
  fs::copy_file(second.path("second-ca.pem"), ca + "-new");
  fs::rename(ca + "-new", ca);
  CHECK(ask_trusting(controller, second.path("second-ca.pem"), first.path("first-alice")) == 0);
  CHECK(ask_trusting(controller, second.path("second-ca.pem"), first.path("second-alice")) == 200);
}
