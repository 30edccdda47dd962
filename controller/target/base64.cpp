#include "controller/target/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace fracas::controller {

std::string base64(const std::string& text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

// The decoder counts what fills up the last group as zero bytes.
std::string from_base64(const std::string& text) {
  std::string out(text.size() / 4 * 3 + 1, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  const auto filling = static_cast<int>(std::count(text.begin(), text.end(), '='));
  out.resize(static_cast<std::size_t>(std::max(0, length - filling)));
  return out;
}

}  // namespace fracas::controller
