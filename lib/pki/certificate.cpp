#include "lib/pki/certificate.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/x509.h>

#include <ctime>

#include "lib/pki/openssl.h"

namespace fracas::pki {
namespace {

std::int64_t seconds_of(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return ::timegm(&parts);
}

std::string common_name(X509* certificate) {
  const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, nullptr, 0);
  if (length <= 0) return {};
  std::string name(static_cast<std::size_t>(length) + 1, '\0');
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(), length + 1);
  name.pop_back();
  return name;
}

}  // namespace

Result<CertificateFacts> read_certificate(std::string_view pem) {
  auto certificate = parse_certificate(pem);
  if (!certificate) return failure(std::move(certificate).error());
  X509* read = certificate->get();
  return CertificateFacts{.name = common_name(read),
                          .serial = hexadecimal(X509_get0_serialNumber(read)),
                          .valid_from_s = seconds_of(X509_get0_notBefore(read)),
                          .valid_to_s = seconds_of(X509_get0_notAfter(read))};
}

bool is_controller(std::string_view common_name) {
  if (!common_name.starts_with(kControllerName)) return false;
  const std::string_view rest = common_name.substr(kControllerName.size());
  return rest.empty() || (rest.size() > 1 && rest.front() == ':');
}

std::string format_day(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

}  // namespace fracas::pki
