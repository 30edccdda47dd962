#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace fracas::pki {

// What a certificate says of whom it was issued to.
struct CertificateFacts {
  std::string name;               // its common name
  std::string serial;             // hexadecimal digits, as OpenSSL prints them
  std::int64_t valid_from_s = 0;  // seconds since 1970
  std::int64_t valid_to_s = 0;
};

// Reads the first certificate of a PEM text; keys in it are passed over. ERRORS: there is none.
Result<CertificateFacts> read_certificate(std::string_view pem);

// What two messages say of who they are from must be the same everywhere: certificates of controllers have this common
// name, or this one, a colon and the name of a user.
inline constexpr std::string_view kControllerName = "fracas-controller";
bool is_controller(std::string_view common_name);

// Where a call says which run it is of: the header's name. Its value is up to the controller, and no other run's.
inline constexpr const char* kRunHeader = "fracas-run";

// "2026-11-21 21:45 UTC".
std::string format_day(std::int64_t seconds);

}  // namespace fracas::pki
