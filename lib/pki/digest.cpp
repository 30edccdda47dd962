#include "lib/pki/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include <array>
#include <span>

#include "lib/base/ensure.h"

namespace fracas::pki {
namespace {

std::string hex(std::span<const unsigned char> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  ensure(EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1,
         "OpenSSL has SHA-256");
  return hex(std::span(digest).first(length));
}

std::string random_hex(unsigned bytes) {
  std::array<unsigned char, 256> drawn{};
  ensure(bytes <= drawn.size(), "at most 256 bytes at once");
  ensure(::getrandom(drawn.data(), bytes, 0) == static_cast<ssize_t>(bytes), "getrandom(2) gives up to 256 bytes");
  return hex(std::span(drawn).first(bytes));
}

}  // namespace fracas::pki
