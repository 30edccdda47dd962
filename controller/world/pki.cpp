#include "controller/world/pki.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <vector>

namespace fracas::controller {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Memory = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

constexpr long kBackdatedSeconds = 5L * 60;
constexpr long kValidSeconds = 24L * 60 * 60;
constexpr int kSerialBits = 127;  // positive, and short of the 20 bytes RFC 5280 allows
constexpr long kVersion3 = 2;     // counted from 0

tl::unexpected<Error> openssl_failure(std::string_view step) {
  std::string reason(256, '\0');
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  reason.resize(reason.find('\0'));
  ERR_clear_error();
  return failure(std::string(step) + ": " + reason);
}

struct ExtensionText {
  int nid;
  std::string value;  // in the notation of x509v3_config(5)
};

struct Subject {
  std::string name;
  std::vector<ExtensionText> extensions;
};

bool set_serial(X509* certificate) {
  const Number serial(BN_new());
  return serial && BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_name(X509* certificate, const std::string& name) {
  return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()),
                                    -1, 0) == 1;
}

bool set_validity(X509* certificate) {
  return X509_gmtime_adj(X509_getm_notBefore(certificate), -kBackdatedSeconds) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), kValidSeconds) != nullptr;
}

bool add_extensions(X509* certificate, X509* issuer, const std::vector<ExtensionText>& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const ExtensionText& wanted : extensions) {
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, wanted.nid, wanted.value.c_str()));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return false;
  }
  return true;
}

// `issuer` null: signed by itself.
Result<Certificate> make_certificate(const Subject& subject, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  Certificate certificate(X509_new());
  if (!certificate) return openssl_failure("new certificate");
  X509* made = certificate.get();
  X509* signer = issuer != nullptr ? issuer : made;
  const bool filled = X509_set_version(made, kVersion3) == 1 && set_serial(made) && set_name(made, subject.name) &&
                      X509_set_issuer_name(made, X509_get_subject_name(signer)) == 1 && set_validity(made) &&
                      X509_set_pubkey(made, key) == 1 && add_extensions(made, signer, subject.extensions);
  if (!filled) return openssl_failure("certificate of " + subject.name);
  if (X509_sign(made, issuer_key, EVP_sha256()) == 0) return openssl_failure("sign certificate of " + subject.name);
  return certificate;
}

std::string content(const Memory& memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

Result<std::string> pem(X509* certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_X509(memory.get(), certificate) != 1) return openssl_failure("write certificate");
  return content(memory);
}

Result<std::string> pem(EVP_PKEY* key) {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return openssl_failure("write key");
  return content(memory);
}

Result<Key> make_key() {
  Key key(EVP_EC_gen("P-256"));
  if (!key) return openssl_failure("new P-256 key");
  return key;
}

}  // namespace

struct CertificateAuthority::Secret {
  Key key;
  Certificate certificate;
  std::string certificate_pem;

  Result<Credentials> issue(const Subject& subject) const {
    const auto own_key = make_key();
    if (!own_key) return failure(own_key.error());
    const auto made = make_certificate(subject, own_key->get(), certificate.get(), key.get());
    if (!made) return failure(made.error());
    auto made_pem = pem(made->get());
    if (!made_pem) return failure(std::move(made_pem).error());
    auto key_pem = pem(own_key->get());
    if (!key_pem) return failure(std::move(key_pem).error());
    return Credentials{.ca = certificate_pem, .certificate = *std::move(made_pem), .key = *std::move(key_pem)};
  }
};

CertificateAuthority::CertificateAuthority(std::unique_ptr<Secret> secret) : secret_(std::move(secret)) {}
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

Result<CertificateAuthority> CertificateAuthority::create() {
  auto key = make_key();
  if (!key) return failure(std::move(key).error());
  const Subject subject{.name = "fracas lab authority",
                        .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                       {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                       {NID_subject_key_identifier, "hash"}}};
  auto certificate = make_certificate(subject, key->get(), nullptr, key->get());
  if (!certificate) return failure(std::move(certificate).error());
  auto text = pem(certificate->get());
  if (!text) return failure(std::move(text).error());
  return CertificateAuthority(
      std::make_unique<Secret>(Secret{*std::move(key), *std::move(certificate), *std::move(text)}));
}

Result<Credentials> CertificateAuthority::issue_client(std::string_view name) const {
  return secret_->issue({.name = std::string(name),
                         .extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                                        {NID_key_usage, "critical,digitalSignature"},
                                        {NID_ext_key_usage, "clientAuth"},
                                        {NID_subject_key_identifier, "hash"},
                                        {NID_authority_key_identifier, "keyid:always"}}});
}

Result<Credentials> CertificateAuthority::issue_agent(std::string_view name) const {
  return secret_->issue({.name = std::string(name),
                         .extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                                        {NID_key_usage, "critical,digitalSignature"},
                                        {NID_ext_key_usage, "serverAuth"},
                                        {NID_subject_alt_name, "DNS:" + std::string(name)},
                                        {NID_subject_key_identifier, "hash"},
                                        {NID_authority_key_identifier, "keyid:always"}}});
}

}  // namespace fracas::controller
