#include "lib/pki/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace fracas::pki {
namespace {

Memory reader(std::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

tl::unexpected<Error> openssl_failure(std::string_view step) {
  std::string reason(256, '\0');
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  reason.resize(reason.find('\0'));
  ERR_clear_error();
  return failure(std::string(step) + ": " + reason);
}

Result<Certificate> parse_certificate(std::string_view pem) {
  const Memory memory = reader(pem);
  Certificate certificate(memory ? PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!certificate) return openssl_failure("read a certificate");
  return certificate;
}

Result<Key> parse_key(std::string_view pem) {
  const Memory memory = reader(pem);
  Key key(memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key) return openssl_failure("read a key");
  return key;
}

Result<RevokedList> parse_revoked_list(std::string_view pem) {
  const Memory memory = reader(pem);
  RevokedList list(memory ? PEM_read_bio_X509_CRL(memory.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!list) return openssl_failure("read a list of revoked certificates");
  return list;
}

std::string content(const Memory& memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string hexadecimal(const ASN1_INTEGER* number) {
  const Number value(ASN1_INTEGER_to_BN(number, nullptr));
  char* digits = value ? BN_bn2hex(value.get()) : nullptr;
  if (digits == nullptr) return {};
  std::string text(digits);
  OPENSSL_free(digits);
  return text;
}

}  // namespace fracas::pki
