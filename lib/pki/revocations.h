#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/pki/certificate.h"

namespace fracas::pki {

// An authority's list of certificates that hold no more although they have not expired. Source: RFC 5280, section 5.
struct RevocationList {
  std::uint64_t number = 0;       // counts up from list to list
  std::set<std::string> serials;  // as CertificateFacts::serial

  // ERRORS: no such list; not signed by the authority of `ca`, a PEM text.
  static Result<RevocationList> parse(std::string_view pem, std::string_view ca);
};

// Whether the other side of a connection is still to be heard: its certificate has not expired since the connection was
// made, and is not on the list in a file, which is looked at for every question. A file that is not there is an empty
// list. One that cannot be read, or whose signature is wrong, changes nothing: what held before holds on, and where
// nothing did, nobody is heard. Thread: any.
class PeerCheck {
 public:
  // `file` empty: no list.
  PeerCheck(std::filesystem::path file, std::string ca) : file_(std::move(file)), ca_(std::move(ca)) {}

  // ERRORS: EACCES and why: the certificate of NAME (SERIAL) is revoked, has expired, cannot be read.
  Status check(std::string_view certificate_pem);
  // A newer list takes the place of the one in the file. Returns the number of the one that holds then.
  // ERRORS: there is no file to write; the list is not the authority's.
  Result<std::uint64_t> replace(std::string_view pem);
  // 0: no list.
  std::uint64_t number();

 private:
  Status look();
  // REQUIRES: the mutex.
  Result<CertificateFacts> facts_of(std::string_view pem);

  const std::filesystem::path file_;
  const std::string ca_;
  std::mutex mutex_;  // guards everything below
  RevocationList list_;
  std::map<std::string, CertificateFacts, std::less<>> known_;  // by their texts: to read one takes longer than a call
  std::string seen_;                                            // what stat(2) said of the file when it was read
  Status state_;                                                // why nobody is heard
};

}  // namespace fracas::pki
