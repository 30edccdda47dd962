#include "controller/pki/authority.h"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <ctime>
#include <vector>

#include "lib/pki/openssl.h"

namespace fracas::controller {
namespace {

using pki::Certificate;
using pki::content;
using pki::Extension;
using pki::Key;
using pki::Memory;
using pki::Number;
using pki::openssl_failure;
using pki::RevokedList;

constexpr long kBackdatedSeconds = 5L * 60;
constexpr int kSerialBits = 127;   // positive, and short of the 20 bytes RFC 5280 allows
constexpr long kVersion3 = 2;      // of certificates, counted from 0
constexpr long kListVersion2 = 1;  // of lists of revoked ones, counted from 0

struct ExtensionText {
  int nid;
  std::string value;  // in the notation of x509v3_config(5)
};

struct Subject {
  std::string name;
  std::vector<ExtensionText> extensions;
  std::chrono::seconds lifetime{};
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

bool set_validity(X509* certificate, std::chrono::seconds lifetime) {
  return X509_gmtime_adj(X509_getm_notBefore(certificate), -kBackdatedSeconds) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(lifetime.count())) != nullptr;
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
                      X509_set_issuer_name(made, X509_get_subject_name(signer)) == 1 &&
                      set_validity(made, subject.lifetime) && X509_set_pubkey(made, key) == 1 &&
                      add_extensions(made, signer, subject.extensions);
  if (!filled) return openssl_failure("certificate of " + subject.name);
  if (X509_sign(made, issuer_key, EVP_sha256()) == 0) return openssl_failure("sign certificate of " + subject.name);
  return certificate;
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

Result<CertificateAuthority> CertificateAuthority::create(std::string_view name, std::chrono::seconds lifetime) {
  auto key = make_key();
  if (!key) return failure(std::move(key).error());
  const Subject subject{.name = std::string(name),
                        .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                       {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                       {NID_subject_key_identifier, "hash"}},
                        .lifetime = lifetime};
  auto certificate = make_certificate(subject, key->get(), nullptr, key->get());
  if (!certificate) return failure(std::move(certificate).error());
  auto text = pem(certificate->get());
  if (!text) return failure(std::move(text).error());
  return CertificateAuthority(
      std::make_unique<Secret>(Secret{*std::move(key), *std::move(certificate), *std::move(text)}));
}

Result<CertificateAuthority> CertificateAuthority::load(std::string_view certificate_pem, std::string_view key_pem) {
  auto certificate = pki::parse_certificate(certificate_pem);
  if (!certificate) return failure(std::move(certificate).error());
  auto key = pki::parse_key(key_pem);
  if (!key) return failure(std::move(key).error());
  if (X509_check_private_key(certificate->get(), key->get()) != 1)
    return openssl_failure("the authority's key is not that of its certificate");
  return CertificateAuthority(
      std::make_unique<Secret>(Secret{*std::move(key), *std::move(certificate), std::string(certificate_pem)}));
}

Result<Credentials> CertificateAuthority::issue(const CertificateRequest& request) const {
  const auto own = pki::read_certificate(secret_->certificate_pem);
  if (!own) return failure(own.error());
  if (std::time(nullptr) + request.lifetime.count() > own->valid_to_s + 1)
    return failure(fmt::format("a certificate for {} would outlive the authority, which holds until {}", request.name,
                               pki::format_day(own->valid_to_s)));
  const bool agent = request.role == CertificateRequest::Role::agent;
  Subject subject{.name = request.name,
                  .extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                                 {NID_key_usage, "critical,digitalSignature"},
                                 {NID_ext_key_usage, agent ? "serverAuth" : "clientAuth"},
                                 {NID_subject_key_identifier, "hash"},
                                 {NID_authority_key_identifier, "keyid:always"}},
                  .lifetime = request.lifetime};
  if (agent) subject.extensions.push_back({NID_subject_alt_name, "DNS:" + request.name});
  return secret_->issue(subject);
}

Result<Credentials> CertificateAuthority::issue_client(std::string_view name) const {
  return issue({.name = std::string(name), .role = CertificateRequest::Role::controller});
}

Result<Credentials> CertificateAuthority::issue_agent(std::string_view name) const {
  return issue({.name = std::string(name), .role = CertificateRequest::Role::agent});
}

namespace {

using Integer = std::unique_ptr<ASN1_INTEGER, pki::Deleter<ASN1_INTEGER_free>>;
using Time = std::unique_ptr<ASN1_TIME, pki::Deleter<ASN1_TIME_free>>;
using Entry = std::unique_ptr<X509_REVOKED, pki::Deleter<X509_REVOKED_free>>;

Integer integer_of(const std::string& hexadecimal) {
  BIGNUM* parsed = nullptr;
  const bool whole = BN_hex2bn(&parsed, hexadecimal.c_str()) == static_cast<int>(hexadecimal.size());
  const Number value(parsed);
  return Integer(whole && value ? BN_to_ASN1_INTEGER(value.get(), nullptr) : nullptr);
}

bool add_revoked(X509_CRL* list, const RevokedCertificate& certificate) {
  const Integer serial = integer_of(certificate.serial);
  const Time when(ASN1_TIME_set(nullptr, static_cast<std::time_t>(certificate.when_s)));
  Entry entry(X509_REVOKED_new());
  if (!serial || !when || !entry) return false;
  if (X509_REVOKED_set_serialNumber(entry.get(), serial.get()) != 1) return false;
  if (X509_REVOKED_set_revocationDate(entry.get(), when.get()) != 1) return false;
  return X509_CRL_add0_revoked(list, entry.release()) == 1;  // takes it over
}

bool begin_list(X509_CRL* list, X509* issuer, std::uint64_t number) {
  const Time now(ASN1_TIME_set(nullptr, std::time(nullptr)));
  const Integer counted(ASN1_INTEGER_new());
  return now && counted && X509_CRL_set_version(list, kListVersion2) == 1 &&
         X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)) == 1 &&
         X509_CRL_set1_lastUpdate(list, now.get()) == 1 &&
         X509_CRL_set1_nextUpdate(list, X509_get0_notAfter(issuer)) == 1 &&
         ASN1_INTEGER_set_uint64(counted.get(), number) == 1 &&
         X509_CRL_add1_ext_i2d(list, NID_crl_number, counted.get(), 0, 0) == 1;
}

}  // namespace

Result<std::string> CertificateAuthority::list_revoked(std::span<const RevokedCertificate> revoked,
                                                       std::uint64_t number) const {
  const RevokedList list(X509_CRL_new());
  if (!list || !begin_list(list.get(), secret_->certificate.get(), number))
    return openssl_failure("list of revoked certificates");
  for (const RevokedCertificate& each : revoked)
    if (!add_revoked(list.get(), each)) return failure(fmt::format("\"{}\" is no serial number", each.serial));
  const Memory memory(BIO_new(BIO_s_mem()));
  if (X509_CRL_sort(list.get()) != 1 || X509_CRL_sign(list.get(), secret_->key.get(), EVP_sha256()) == 0 || !memory ||
      PEM_write_bio_X509_CRL(memory.get(), list.get()) != 1)
    return openssl_failure("sign a list of revoked certificates");
  return content(memory);
}

const std::string& CertificateAuthority::certificate() const {
  return secret_->certificate_pem;
}

Result<std::string> CertificateAuthority::key() const {
  return pem(secret_->key.get());
}

}  // namespace fracas::controller
