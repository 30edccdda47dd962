#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/pki/certificate.h"

// Certificates for the connections between controller and agents, made with OpenSSL. All keys are EC P-256.
namespace fracas::controller {

// The common name that agents accept commands from.
inline constexpr std::string_view kControllerName = pki::kControllerName;

// What one side of a connection shows and checks with; PEM texts.
struct Credentials {
  std::string ca;           // whose certificates it trusts
  std::string certificate;  // its own
  std::string key;          // its own, secret
};

struct CertificateRequest {
  enum class Role { controller, agent };  // for TLS client, or server authentication only
  std::string name;                       // common name; of an agent also DNS name
  Role role = Role::agent;
  std::chrono::seconds lifetime = std::chrono::hours(24);
};

struct RevokedCertificate {
  std::string serial;  // hexadecimal digits
  std::int64_t when_s = 0;
};

// A certificate authority. Everything it issues is valid from five minutes ago, for clocks that are slightly apart.
// Unless it is asked for its key, it lives in this object alone. Thread: one at a time.
class CertificateAuthority {
 public:
  // Its own certificate holds for `lifetime`.
  static Result<CertificateAuthority> create(std::string_view name = "fracas lab authority",
                                             std::chrono::seconds lifetime = std::chrono::hours(48));
  // ERRORS: a text that is none; a key that is not the certificate's.
  static Result<CertificateAuthority> load(std::string_view certificate_pem, std::string_view key_pem);
  CertificateAuthority(CertificateAuthority&&) noexcept;
  CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
  ~CertificateAuthority();

  // ERRORS: a lifetime beyond the authority's own.
  Result<Credentials> issue(const CertificateRequest& request) const;
  // The same for a day: for a client, or for an agent.
  Result<Credentials> issue_client(std::string_view name) const;
  Result<Credentials> issue_agent(std::string_view name) const;

  // PEM, "X509 CRL", signed. It says that a newer one comes within the authority's lifetime. ERRORS: a serial that is
  // none.
  Result<std::string> list_revoked(std::span<const RevokedCertificate> revoked, std::uint64_t number) const;

  const std::string& certificate() const;  // PEM
  Result<std::string> key() const;         // PEM, secret

 private:
  struct Secret;
  explicit CertificateAuthority(std::unique_ptr<Secret> secret);
  std::unique_ptr<Secret> secret_;
};

}  // namespace fracas::controller
