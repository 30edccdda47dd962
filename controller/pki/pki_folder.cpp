#include "controller/pki/pki_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <set>
#include <utility>

#include "lib/os/file.h"
#include "lib/pki/revocations.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kSecretMode = 0600;
constexpr unsigned kPublicMode = 0644;
constexpr std::string_view kOwnUser = "controller";

std::string common_name(const CertificateRequest& request) {
  if (request.role == CertificateRequest::Role::agent) return request.name;
  if (request.name == kOwnUser) return std::string(kControllerName);
  return fmt::format("{}:{}", kControllerName, request.name);
}

// The name in NAME.pem.
std::string file_name(const std::string& common_name) {
  if (!pki::is_controller(common_name)) return common_name;
  return common_name == kControllerName ? std::string(kOwnUser) : common_name.substr(kControllerName.size() + 1);
}

Status check_name(const CertificateRequest& request) {
  const auto allowed = [](unsigned char each) { return std::isalnum(each) != 0 || each == '.' || each == '-'; };
  const std::string& name = request.name;
  if (name.empty() || name.size() > 60 || !std::ranges::all_of(name, allowed) || std::isalnum(name.front()) == 0 ||
      std::isalnum(name.back()) == 0)
    return failure(fmt::format("\"{}\" is no name: letters, digits, dots and dashes, at most 60", request.name),
                   EINVAL);
  const bool agent = request.role == CertificateRequest::Role::agent;
  if (request.name == "ca" || request.name == "revoked" ||
      (agent && (request.name == kOwnUser || pki::is_controller(request.name))))
    return failure(fmt::format("{} is a name of fracas's own", request.name), EINVAL);
  return {};
}

Status write_secret(const fs::path& path, const Credentials& credentials) {
  return os::write_file_durably(path, credentials.key + credentials.certificate, kSecretMode);
}

Status make_private_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder.parent_path(), failed);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return system_failure("create " + folder.string());
  return {};
}

Result<pki::RevocationList> read_revoked(const fs::path& file, const std::string& ca) {
  auto text = os::read_file(file);
  if (!text) return failure(std::move(text).error());
  return pki::RevocationList::parse(*text, ca);
}

}  // namespace

fs::path PkiFolder::default_folder() {
  if (const char* chosen = std::getenv("FRACAS_PKI"); chosen != nullptr && *chosen != '\0') return chosen;
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr && *home != '\0' ? home : "/root") / ".config/fracas/pki";
}

Status PkiFolder::init(const fs::path& folder, std::string_view name) {
  std::error_code none;
  if (fs::exists(folder / "ca.key", none))
    return failure(fmt::format("{} has an authority already", folder.string()), EEXIST);
  if (auto made = make_private_folder(folder); !made) return made;
  if (auto made = make_private_folder(folder / "issued"); !made) return made;
  auto authority = CertificateAuthority::create(name, kAuthorityLifetime);
  if (!authority) return failure(std::move(authority).error());
  const auto key = authority->key();
  if (!key) return failure(key.error());
  // The key comes last: a folder with a key is complete.
  if (auto done = os::write_file_durably(folder / "ca.crt", authority->certificate(), kPublicMode); !done) return done;
  const auto revoked = authority->list_revoked({}, 1);
  if (!revoked) return failure(revoked.error());
  if (auto done = os::write_file_durably(folder / "revoked.pem", *revoked, kPublicMode); !done) return done;
  if (auto done = os::write_file_durably(folder / "ca.key", *key, kSecretMode); !done) return done;
  auto opened = open(folder);
  if (!opened) return failure(std::move(opened).error());
  auto issued = opened->issue(
      {.name = std::string(kOwnUser), .role = CertificateRequest::Role::controller, .lifetime = kCertificateLifetime});
  return issued ? Status() : failure(std::move(issued).error());
}

PkiFolder::PkiFolder(fs::path folder, CertificateAuthority authority, os::UniqueFd lock)
    : folder_(std::move(folder)), authority_(std::move(authority)), lock_(std::move(lock)) {}

Result<PkiFolder> PkiFolder::open(const fs::path& folder) {
  const auto key = os::read_file(folder / "ca.key");
  if (!key)
    return failure(fmt::format("{}; fracas pki init makes an authority", key.error().message), key.error().code);
  auto lock = os::try_lock_file(folder / ".lock");
  if (!lock && lock.error().code == EWOULDBLOCK)
    return failure(fmt::format("somebody else is at work in {}", folder.string()), EWOULDBLOCK);
  if (!lock) return failure(std::move(lock).error());
  const auto certificate = os::read_file(folder / "ca.crt");
  if (!certificate) return failure(certificate.error());
  auto authority = CertificateAuthority::load(*certificate, *key);
  if (!authority) return failure(std::move(authority).error().context(folder.string()));
  return PkiFolder(folder, std::move(*authority), std::move(*lock));
}

Result<fs::path> PkiFolder::issue(const CertificateRequest& request) {
  if (auto valid = check_name(request); !valid) return failure(std::move(valid).error());
  CertificateRequest wanted = request;
  wanted.name = common_name(request);
  const fs::path path = folder_ / (request.name + ".pem");
  if (const auto there = os::read_file(path)) {
    const auto facts = pki::read_certificate(*there);
    if (facts && facts->name != wanted.name)
      return failure(fmt::format("{} is that of {}", path.string(), facts->name), EEXIST);
  }
  const auto credentials = authority_.issue(wanted);
  if (!credentials) return failure(credentials.error());
  const auto facts = pki::read_certificate(credentials->certificate);
  if (!facts) return failure(facts.error());
  const fs::path record = folder_ / "issued" / (facts->serial + ".crt");
  if (auto done = os::write_file_durably(record, credentials->certificate, kPublicMode); !done)
    return failure(std::move(done).error());
  if (auto done = write_secret(path, *credentials); !done) return failure(std::move(done).error());
  return path;
}

Result<std::string> PkiFolder::current_serial(const std::string& name) const {
  const auto text = os::read_file(folder_ / (name + ".pem"));
  if (!text) return std::string();
  const auto facts = pki::read_certificate(*text);
  if (!facts) return failure(facts.error());
  return facts->serial;
}

Result<std::vector<IssuedCertificate>> PkiFolder::list() const {
  const auto revoked = read_revoked(revoked_file(), authority_.certificate());
  if (!revoked) return failure(revoked.error());
  std::vector<IssuedCertificate> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder_ / "issued", failed)) {
    if (entry.path().extension() != ".crt") continue;
    const auto text = os::read_file(entry.path());
    if (!text) return failure(text.error());
    const auto facts = pki::read_certificate(*text);
    if (!facts) return failure(facts.error().message + ": " + entry.path().string());
    if (facts->valid_to_s < std::time(nullptr)) continue;
    const auto current = current_serial(file_name(facts->name));
    found.push_back({.facts = *facts,
                     .controller = pki::is_controller(facts->name),
                     .revoked = revoked->serials.contains(facts->serial),
                     .current = current && *current == facts->serial});
  }
  if (failed) return system_failure("list " + (folder_ / "issued").string(), failed.value());
  std::ranges::sort(found, {},
                    [](const IssuedCertificate& each) { return std::pair(each.facts.name, each.facts.valid_from_s); });
  return found;
}

Result<std::vector<std::string>> PkiFolder::rotate(const std::vector<std::string>& names, std::chrono::seconds within,
                                                   std::chrono::seconds lifetime) {
  const auto all = list();
  if (!all) return failure(all.error());
  std::set<std::string> wanted(names.begin(), names.end());
  std::vector<std::string> rotated;
  for (const IssuedCertificate& each : *all) {
    const std::string name = file_name(each.facts.name);
    if (!each.current || each.revoked) continue;
    const bool named = wanted.erase(name) > 0;
    const bool soon = each.facts.valid_to_s - std::time(nullptr) <= within.count();
    if (names.empty() ? !soon : !named) continue;
    const auto role = each.controller ? CertificateRequest::Role::controller : CertificateRequest::Role::agent;
    if (auto issued = issue({.name = name, .role = role, .lifetime = lifetime}); !issued)
      return failure(std::move(issued).error());
    rotated.push_back(name);
  }
  if (wanted.empty()) return rotated;
  return failure(fmt::format("{} has no certificate that holds", *wanted.begin()), ENOENT);
}

Status PkiFolder::write_revoked(const std::vector<RevokedCertificate>& revoked, std::uint64_t number) const {
  const auto text = authority_.list_revoked(revoked, number);
  if (!text) return failure(text.error());
  return os::write_file_durably(revoked_file(), *text, kPublicMode);
}

Result<std::size_t> PkiFolder::revoke(const std::string& name_or_serial) {
  const auto all = list();
  if (!all) return failure(all.error());
  const auto before = read_revoked(revoked_file(), authority_.certificate());
  if (!before) return failure(before.error());
  std::vector<RevokedCertificate> revoked;
  std::size_t added = 0;
  bool known = false;
  for (const IssuedCertificate& each : *all) {
    const bool meant = file_name(each.facts.name) == name_or_serial || each.facts.serial == name_or_serial;
    known = known || meant;
    if (meant && !each.revoked) ++added;
    // What has expired needs no place on the list any more.
    if (meant || each.revoked) revoked.push_back({.serial = each.facts.serial, .when_s = std::time(nullptr)});
  }
  if (!known) return failure(fmt::format("{} has no certificate that holds", name_or_serial), ENOENT);
  if (added == 0) return added;
  if (auto written = write_revoked(revoked, before->number + 1); !written) return failure(std::move(written).error());
  return added;
}

Result<Credentials> load_credentials(const fs::path& folder, std::string_view user) {
  auto ca = os::read_file(folder / "ca.crt");
  if (!ca) return failure(fmt::format("{}; fracas pki init makes an authority", ca.error().message), ca.error().code);
  const fs::path own = folder / fmt::format("{}.pem", user);
  auto both = os::read_file(own);
  if (!both) return failure(std::move(both).error());
  if (auto holds = pki::PeerCheck(folder / "revoked.pem", *ca).check(*both); !holds)
    return failure(std::move(holds).error().context(own.string()));
  const auto facts = pki::read_certificate(*both);
  if (!facts) return failure(facts.error());
  if (facts->valid_from_s > std::time(nullptr))
    return failure(fmt::format("{}: not valid before {}; is this machine's clock right?", own.string(),
                               pki::format_day(facts->valid_from_s)));
  return Credentials{.ca = *std::move(ca), .certificate = *both, .key = *both};
}

}  // namespace fracas::controller
