#pragma once
#include <string>
#include <string_view>

namespace fracas::pki {

// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view text);

// `bytes` bytes of the kernel's randomness, in hexadecimal digits. REQUIRES: at most 256.
std::string random_hex(unsigned bytes);

}  // namespace fracas::pki
