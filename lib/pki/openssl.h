#pragma once
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"

// OpenSSL's objects with owners, for those who issue and those who check. To be included by .cpp files alone.
namespace fracas::pki {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using RevokedList = std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>>;
using Memory = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

// "STEP: what OpenSSL says".
tl::unexpected<Error> openssl_failure(std::string_view step);

// The first of its kind in a PEM text. ERRORS: there is none.
Result<Certificate> parse_certificate(std::string_view pem);
Result<Key> parse_key(std::string_view pem);
Result<RevokedList> parse_revoked_list(std::string_view pem);

// What was written to a memory BIO.
std::string content(const Memory& memory);

// "3FA0…"
std::string hexadecimal(const ASN1_INTEGER* number);

}  // namespace fracas::pki
