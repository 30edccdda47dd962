#include "controller/inventory/inventory.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <set>
#include <sstream>
#include <vector>

#include "controller/inventory/kubernetes_access.h"
#include "controller/inventory/kubernetes_hosts.h"
#include "controller/target/http_client.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/command_output.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

constexpr Duration kAnswerWithin = std::chrono::seconds(10);

// Every address of a name, as text, sorted. ERRORS: "NAME: Name or service not known".
Result<std::set<std::string>> addresses_of(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0)
    return failure(fmt::format("{}: {}", name, ::gai_strerror(error)), ENOENT);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  std::set<std::string> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      addresses.insert(text.data());
  }
  return addresses;
}

Result<std::string> from_dns(const std::string& name_and_port) {
  const std::size_t colon = name_and_port.rfind(':');
  if (colon == std::string::npos || colon == 0) return failure("dns: takes NAME:PORT");
  const std::string dns_name = name_and_port.substr(0, colon);
  const auto addresses = addresses_of(dns_name);
  if (!addresses) return failure(addresses.error());
  std::string text;
  for (const std::string& address : *addresses) {
    std::string name = "h" + address;
    std::ranges::replace_if(
        name, [](char each) { return each == '.' || each == ':'; }, '-');
    const bool ipv6 = address.find(':') != std::string::npos;
    text += fmt::format("[[host]]\ncertificate = \"{}\"\nname = \"{}\"\naddress = \"{}{}{}:{}\"\n", dns_name, name,
                        ipv6 ? "[" : "", address, ipv6 ? "]" : "", name_and_port.substr(colon + 1));
  }
  return text;
}

Result<std::string> from_command(const std::string& command, const fs::path& folder) {
  os::CommandOptions options;
  options.working_directory = folder;
  std::istringstream words(command);
  for (std::string word; words >> word;) options.argv.push_back(word);
  if (options.argv.empty()) return failure("command: takes PROGRAM ARGUMENT…");
  return os::output_of_command(options);
}

// Asks for piece after piece of a list. `add` gives where the next one begins.
template <typename Path, typename Add>
Status read_list(HttpClient& api, const Path& path, const Add& add) {
  std::string go_on;
  do {
    const std::string at = path(go_on);
    const auto reply = api.request(at, "", kAnswerWithin);
    if (!reply) return failure(at + ": " + reply.error().error);
    if (reply->status != 200)
      return failure(fmt::format("{}: {} {}", at, reply->status, kubernetes::complaint_in(reply->body)));
    auto added = add(reply->body);
    if (!added) return failure(std::move(added).error().context(at));
    go_on = *std::move(added);
  } while (!go_on.empty());
  return {};
}

Result<std::string> from_kubernetes(const std::string& which) {
  const auto agents = kubernetes::parse_agent_pods(which);
  if (!agents) return failure(agents.error());
  const KubernetesAccess access = default_access();
  HttpClient api(access.url, access.identity);
  kubernetes::FleetListing listing(agents->space);
  auto read = read_list(
      api, [&](const std::string& go_on) { return kubernetes::pods_path(*agents, go_on); },
      [&](const std::string& body) { return listing.add_pods(body); });
  if (read)
    read = read_list(api, kubernetes::nodes_path, [&](const std::string& body) { return listing.add_nodes(body); });
  if (!read) return failure(std::move(read).error().context(access.url));
  return listing.hosts();
}

}  // namespace

Result<std::string> find_inventory(const std::string& inventory, const fs::path& folder) {
  constexpr std::string_view kDns = "dns:";
  constexpr std::string_view kKubernetes = "kubernetes:";
  constexpr std::string_view kCommand = "command:";
  if (inventory.starts_with(kDns)) return from_dns(inventory.substr(kDns.size()));
  if (inventory.starts_with(kKubernetes)) return from_kubernetes(inventory.substr(kKubernetes.size()));
  if (inventory.starts_with(kCommand)) return from_command(inventory.substr(kCommand.size()), folder);
  return os::read_file(folder / inventory);
}

Result<model::Inventory> load_inventory(const std::string& inventory) {
  auto text = find_inventory(inventory, fs::current_path());
  if (!text) return failure(std::move(text).error());
  return model::read_inventory_text(*text, inventory);
}

}  // namespace fracas::controller
