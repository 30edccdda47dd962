#include "lib/pki/revocations.h"

#include <fmt/format.h>

#include <cerrno>
#include <ctime>

#include "lib/base/log.h"
#include "lib/os/file.h"
#include "lib/os/file_stamp.h"
#include "lib/pki/certificate.h"
#include "lib/pki/openssl.h"

namespace fracas::pki {
namespace {

// Certificates of which the facts are kept: those of a large fleet.
constexpr std::size_t kKnownMax = 8192;

std::uint64_t number_of(X509_CRL* list) {
  using Integer = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;
  const Integer number(static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list, NID_crl_number, nullptr, nullptr)));
  std::uint64_t value = 0;
  if (!number || ASN1_INTEGER_get_uint64(&value, number.get()) != 1) return 0;
  return value;
}

}  // namespace

Result<RevocationList> RevocationList::parse(std::string_view pem, std::string_view ca) {
  auto list = parse_revoked_list(pem);
  if (!list) return failure(std::move(list).error());
  auto authority = parse_certificate(ca);
  if (!authority) return failure(std::move(authority).error());
  if (X509_CRL_verify(list->get(), X509_get0_pubkey(authority->get())) != 1)
    return openssl_failure("this list of revoked certificates is not signed by our authority");
  RevocationList read{.number = number_of(list->get()), .serials = {}};
  STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(list->get());
  for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i)
    read.serials.insert(hexadecimal(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(revoked, i))));
  return read;
}

// REQUIRES: the mutex.
Status PeerCheck::look() {
  const std::string stamp = os::stamp_of(file_);
  if (stamp == seen_) return state_;
  seen_ = stamp;
  if (stamp.empty()) return state_;  // the list that held goes on to hold
  const auto text = os::read_file(file_);
  auto list = text ? RevocationList::parse(*text, ca_) : Result<RevocationList>(failure(text.error()));
  if (list) {
    list_ = std::move(*list);
    state_ = {};
  } else {
    log::error("{}: {}", file_.string(), list.error().message);
    if (list_.number == 0) state_ = failure(file_.string() + ": " + list.error().message, EACCES);
  }
  return state_;
}

Result<CertificateFacts> PeerCheck::facts_of(std::string_view pem) {
  if (const auto known = known_.find(pem); known != known_.end()) return known->second;
  auto facts = read_certificate(pem);
  if (!facts) return facts;
  if (known_.size() >= kKnownMax) known_.clear();
  known_.emplace(pem, *facts);
  return facts;
}

Status PeerCheck::check(std::string_view certificate_pem) {
  const std::lock_guard lock(mutex_);
  const auto facts = facts_of(certificate_pem);
  if (!facts) return failure(facts.error().message, EACCES);
  if (facts->valid_to_s < std::time(nullptr))
    return failure(fmt::format("the certificate of {} has expired", facts->name), EACCES);
  if (auto looked = look(); !looked) return looked;
  if (!list_.serials.contains(facts->serial)) return {};
  return failure(fmt::format("the certificate of {} ({}) is revoked", facts->name, facts->serial), EACCES);
}

Result<std::uint64_t> PeerCheck::replace(std::string_view pem) {
  auto list = RevocationList::parse(pem, ca_);
  if (!list) return failure(std::move(list).error());
  const std::lock_guard lock(mutex_);
  if (file_.empty()) return failure("no file is set for revoked certificates", ENOTSUP);
  static_cast<void>(look());
  if (list->number <= list_.number) return list_.number;
  if (auto written = os::write_file_durably(file_, pem); !written) return failure(std::move(written).error());
  list_ = std::move(*list);
  seen_ = os::stamp_of(file_);
  state_ = {};
  return list_.number;
}

std::uint64_t PeerCheck::number() {
  const std::lock_guard lock(mutex_);
  static_cast<void>(look());
  return list_.number;
}

}  // namespace fracas::pki
