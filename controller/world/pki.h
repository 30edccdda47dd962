#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"

// Certificates for the connections between controller and agents, made with OpenSSL. All keys are EC P-256.
namespace fracas::controller {

// The common name that agents accept commands from.
inline constexpr std::string_view kControllerName = "fracas-controller";

// What one side of a connection shows and checks with; PEM texts.
struct Credentials {
  std::string ca;           // whose certificates it trusts
  std::string certificate;  // its own
  std::string key;          // its own, secret
};

// A certificate authority that lives in this object alone: its private key is never written anywhere and is gone with
// it. Everything it issues is valid from five minutes ago, for clocks that are slightly apart, until 24 hours from now.
// Thread: one at a time.
class CertificateAuthority {
 public:
  static Result<CertificateAuthority> create();
  CertificateAuthority(CertificateAuthority&&) noexcept;
  CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
  ~CertificateAuthority();

  // For a client: common name `name`, for TLS client authentication only.
  Result<Credentials> issue_client(std::string_view name) const;
  // For an agent: common name and DNS name `name`, for TLS server authentication only.
  Result<Credentials> issue_agent(std::string_view name) const;

 private:
  struct Secret;
  explicit CertificateAuthority(std::unique_ptr<Secret> secret);
  std::unique_ptr<Secret> secret_;
};

}  // namespace fracas::controller
