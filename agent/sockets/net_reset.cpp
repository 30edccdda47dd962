#include "agent/sockets/net_reset.h"

#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "agent/bpf/net.logic.h"
#include "agent/sockets/tcp_connections.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

constexpr model::PortRange kSsh{22, 22};
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

bool uses(const std::vector<model::PortRange>& ports, const TcpConnection& connection) {
  return std::any_of(ports.begin(), ports.end(), [&connection](const model::PortRange& range) {
    const auto holds = [&range](std::uint16_t port) { return port >= range.first && port <= range.last; };
    return holds(connection.local_port) || holds(connection.remote_port);
  });
}

// One end as it stands in a packet's header, where an IPv4 address is the first half of the low word.
std::uint64_t endpoint(const std::array<std::uint8_t, 16>& address, std::uint16_t port) {
  static const NetPrefix kIpv4 = parse_net_prefix("0.0.0.0/0").value();
  std::array<std::uint64_t, 2> halves{};
  if (covers(kIpv4, address))
    std::memcpy(&halves[1], &address[12], 4);
  else
    std::memcpy(halves.data(), address.data(), sizeof halves);
  return fracas_net_endpoint(halves[0], halves[1], port);
}

std::uint64_t flow_of(const TcpConnection& connection) {
  return fracas_net_flow(endpoint(connection.local, connection.local_port),
                         endpoint(connection.remote, connection.remote_port), IPPROTO_TCP);
}

class NetReset final : public TimedEffect {
 public:
  NetReset(TcpConnections connections, NetResetRule rule, std::vector<NetPrefix> peers)
      : connections_(std::move(connections)), rule_(std::move(rule)), peers_(std::move(peers)) {
    rule_.spared.push_back(kSsh);
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
    if (!rule_.ports.empty() && !uses(rule_.ports, connection)) return false;
    const auto per_2_32 = static_cast<__u64>(std::llround(std::ldexp(rule_.share, 32)));
    return fracas_net_covers_flow(flow_of(connection), rule_.flow_seed, per_2_32) != 0;
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
