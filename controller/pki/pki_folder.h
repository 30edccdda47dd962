#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "controller/pki/authority.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::controller {

// How long certificates of a fleet hold unless it is asked for something else.
inline constexpr std::chrono::hours kAuthorityLifetime{24 * 3650};
inline constexpr std::chrono::hours kCertificateLifetime{24 * 90};

struct IssuedCertificate {
  pki::CertificateFacts facts;
  bool controller = false;
  bool revoked = false;
  bool current = false;  // the one in NAME.pem
};

// The authority of a fleet, as a folder of one person or one machine:
//   ca.crt      the authority's certificate, for everybody
//   ca.key      its key: whoever has it can do anything
//   NAME.pem    key and certificate of an agent, or of a controller (controller.pem, alice.pem), in one file
//   revoked.pem the list of revoked certificates, signed, for everybody
//   issued/     every certificate that was issued, by serial number, without its key
// Keys have mode 0600, the folder 0700. Every file is replaced in one step. Thread: one at a time; of processes too,
// which a lock sees to.
class PkiFolder {
 public:
  // $FRACAS_PKI, or ~/.config/fracas/pki.
  static std::filesystem::path default_folder();

  // Makes an authority and controller.pem. ERRORS: there is one already.
  static Status init(const std::filesystem::path& folder, std::string_view name);
  // ERRORS: there is no authority; somebody else is at work in it.
  static Result<PkiFolder> open(const std::filesystem::path& folder);

  // Issues what NAME.pem then holds. Agents' names are host names; of a controller, `name` is a user.
  // ERRORS: a name that cannot be one; a lifetime beyond the authority's.
  Result<std::filesystem::path> issue(const CertificateRequest& request);
  // A new key and certificate for every NAME.pem, or those in `names`, that expires within that time. The old ones hold
  // until they expire. Returns the names.
  Result<std::vector<std::string>> rotate(const std::vector<std::string>& names, std::chrono::seconds within,
                                          std::chrono::seconds lifetime);
  // Revokes every certificate of that name which has not expired, or the one with that serial number. Returns how many.
  // ERRORS: there is none.
  Result<std::size_t> revoke(const std::string& name_or_serial);
  // All that have not expired, by name and age.
  Result<std::vector<IssuedCertificate>> list() const;

  std::filesystem::path revoked_file() const { return folder_ / "revoked.pem"; }

 private:
  PkiFolder(std::filesystem::path folder, CertificateAuthority authority, os::UniqueFd lock);
  Status write_revoked(const std::vector<RevokedCertificate>& revoked, std::uint64_t number) const;
  Result<std::string> current_serial(const std::string& name) const;

  std::filesystem::path folder_;
  CertificateAuthority authority_;
  os::UniqueFd lock_;
};

// What a controller connects to its fleet with: ca.crt and controller.pem of the folder, or of `user`.pem.
// ERRORS: a file that is not there; a certificate that has expired, is not valid yet or is revoked.
Result<Credentials> load_credentials(const std::filesystem::path& folder, std::string_view user = "controller");

}  // namespace fracas::controller
