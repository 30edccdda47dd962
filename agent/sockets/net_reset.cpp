#include "agent/sockets/net_reset.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include "agent/sockets/tcp_connections.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

constexpr std::uint16_t kSshPort = 22;
constexpr std::string_view kSocketPrefix = "socket:[";

// Inodes of the sockets this process holds: the controller's connection is one of them.
std::set<std::uint32_t> own_sockets() {
  std::set<std::uint32_t> inodes;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", failed)) {
    const std::string target = std::filesystem::read_symlink(entry.path(), failed).string();
    if (!target.starts_with(kSocketPrefix)) continue;
    std::uint32_t inode = 0;
    std::from_chars(target.data() + kSocketPrefix.size(), target.data() + target.size(), inode);
    inodes.insert(inode);
  }
  return inodes;
}

bool is_loopback(const std::array<std::uint8_t, 16>& address) {
  static const NetPrefix kIpv4 = parse_net_prefix("127.0.0.0/8").value();
  static const NetPrefix kIpv6 = parse_net_prefix("::1").value();
  return covers(kIpv4, address) || covers(kIpv6, address);
}

bool uses(const std::vector<std::uint16_t>& ports, const TcpConnection& connection) {
  return std::any_of(ports.begin(), ports.end(), [&connection](std::uint16_t port) {
    return port == connection.local_port || port == connection.remote_port;
  });
}

class NetReset final : public TimedEffect {
 public:
  NetReset(TcpConnections connections, NetResetRule rule, std::vector<NetPrefix> peers)
      : connections_(std::move(connections)), rule_(std::move(rule)), peers_(std::move(peers)) {
    rule_.spared.push_back(kSshPort);
  }

  std::string mechanism() const override { return "sock-destroy"; }

  Status arm(const Window& window) override {
    if (!done_) next_ns_ = window.start_ns;
    return {};
  }

  void renew(std::int64_t /*lease_end_ns*/) override {}
  model::EffectCounters counters() const override { return counters_; }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status revert() override {
    next_ns_.reset();
    return {};
  }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_.reset();
    done_ = true;
    auto found = connections_.list(peers_);
    if (!found) return failure(std::move(found).error());
    const std::set<std::uint32_t> own = own_sockets();
    std::erase_if(*found, [&](const TcpConnection& connection) { return !covered(connection, own); });
    counters_.matched = found->size();
    if (found->empty()) return {};
    counters_.first_ns = os::boot_now_ns();
    auto cut = connections_.cut(*found);
    if (!cut) return failure(std::move(cut).error());
    counters_.affected = *cut;
    counters_.last_ns = os::boot_now_ns();
    if (*cut == 0) counters_.first_ns = counters_.last_ns = 0;
    return {};
  }

 private:
  bool covered(const TcpConnection& connection, const std::set<std::uint32_t>& own) const {
    if (own.contains(connection.inode) || uses(rule_.spared, connection)) return false;
    if (peers_.empty() && (is_loopback(connection.remote) || connection.remote == connection.local)) return false;
    return rule_.ports.empty() || uses(rule_.ports, connection);
  }

  TcpConnections connections_;
  NetResetRule rule_;
  std::vector<NetPrefix> peers_;
  std::optional<std::int64_t> next_ns_;
  bool done_ = false;
  model::EffectCounters counters_;
};

}  // namespace

Result<std::unique_ptr<TimedEffect>> make_net_reset(const NetResetRule& rule) {
  std::vector<NetPrefix> peers;
  for (const std::string& text : rule.peers) {
    auto peer = parse_net_prefix(text);
    if (!peer) return failure(std::move(peer).error());
    peers.push_back(*peer);
  }
  auto connections = TcpConnections::open();
  if (!connections) return failure(std::move(connections).error());
  if (auto works = connections->probe(); !works) return failure(std::move(works).error());
  return std::unique_ptr<TimedEffect>(std::make_unique<NetReset>(std::move(*connections), rule, std::move(peers)));
}

}  // namespace fracas::agent
