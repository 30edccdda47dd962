// fracas-bridge: one Maelstrom node program on one host.
#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <cstdlib>

#include "lib/base/log.h"
#include "targets/maelstrom/bridge.h"

namespace {

using namespace fracas;

std::optional<maelstrom::Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  maelstrom::Address address{.host = text.substr(0, colon), .port = 0};
  const char* const end = text.data() + text.size();
  if (std::from_chars(text.data() + colon + 1, end, address.port).ptr != end || address.port == 0) return std::nullopt;
  return address;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs a Maelstrom node program and carries its messages over the network.", "fracas-bridge");
  maelstrom::BridgeOptions options;
  std::string listen;
  std::vector<std::string> peers;
  app.add_option("--name", options.name, "this node")->required();
  app.add_option("--listen", listen, "ADDRESS:PORT for peers and clients")->required();
  app.add_option("--peer", peers, "NAME=ADDRESS:PORT of another bridge; once for each")->allow_extra_args(false);
  app.add_flag("--topology", options.topology, "tell the node its neighbours: all others");
  app.add_option("program", options.argv, "the node program and its arguments, after --")->required();
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  const auto own = parse_address(listen);
  bool right = own.has_value();
  for (const std::string& peer : peers) {
    const std::size_t equals = peer.find('=');
    const auto address = equals == std::string::npos ? std::nullopt : parse_address(peer.substr(equals + 1));
    right = right && address;
    if (address) options.peers[peer.substr(0, equals)] = *address;
  }
  if (!right) {
    log::error("--listen takes ADDRESS:PORT, --peer NAME=ADDRESS:PORT");
    return 6;
  }
  options.listen = *own;
  auto bridge = maelstrom::Bridge::open(options);
  if (!bridge) {
    log::error("{}", bridge.error().message);
    return 5;
  }
  log::error("{}", (*bridge)->serve().message);
  std::_Exit(1);  // its threads are still at work
}
