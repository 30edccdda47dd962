#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/effect.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/net_flows.h"

namespace fracas::agent {

// Every device of ours is named so: TAP devices of delay lines, veth detours.
inline constexpr std::string_view kDetourPrefix = "fracasd";

// Which transport protocol a rule covers.
enum class NetProtocol { any, tcp, udp, icmp };  // icmp: ICMP and ICMPv6

// What net.partition does to the packets it covers.
enum class NetCut {
  blackhole,         // drops them in silence
  reject,            // drops them and answers: TCP with a reset, UDP with "port unreachable"; others in silence
  new_only,          // drops TCP connection requests alone: what is connected stays so; nothing but TCP is touched
  established_only,  // drops TCP packets of connections not opened inside the window; nothing but TCP is touched
};

// The form of a delay's spread. With correlation the form stays the same.
enum class NetSpread {
  uniform,  // delay - jitter to delay + jitter
  normal,   // `jitter` is the standard deviation; cut at four of them and at no delay at all
  pareto,   // mean `delay`, standard deviation `jitter`, shape 3: from delay - 0.58 jitter, a long tail to + 20 jitter
};

// Losses that come in bursts, after Gilbert and Elliott: a chain with a good and a bad state moves before each packet,
// then the packet is lost with its state's probability. With the defaults bursts are 1 / leave packets long on average,
// and enter / (enter + leave) of all packets are lost. Source: Elliott, "Estimates of error rates for codes on
// burst-noise channels", 1963. All in [0, 1].
struct NetBurst {
  double enter = 0;  // good to bad
  double leave = 1;  // bad to good
  double loss_good = 0;
  double loss_bad = 1;
  bool operator==(const NetBurst&) const = default;
};

// What becomes of DNS queries over UDP. Over TCP the connection of such a query is reset, or with `silence` the query
// is lost as often as it is sent.
enum class DnsAnswer {
  nxdomain,  // the name does not exist
  servfail,  // the server cannot say
  silence,   // none comes
  address,   // what is asked for is at NetDns::ipv4 or ipv6; queries for other things than addresses pass
};

struct NetDns {
  DnsAnswer answer{};
  std::vector<std::string> names{};  // "db.example.com", "*.example.com" (every name below it), "*"
  std::string ipv4{};                // answer address: to questions for type A; empty: the name has none
  std::string ipv6{};                // … for type AAAA
};

// What a network fault does to which packets of this host. `kind` decides which of the fields below the scope count.
struct NetRule {
  // "net.partition", "net.loss", "net.dns", "net.corrupt", "net.duplicate", "net.bandwidth", "net.delay",
  // "net.reorder".
  std::string kind{};

  // The scope; all parts must fit. DNS acts on packets leaving only.
  std::vector<std::string> from{};   // CIDR prefixes, IPv4 or IPv6: packets arriving from them
  std::vector<std::string> to{};     // packets leaving to them
  std::vector<std::string> ports{};  // "80" or "9000-9100", at most 8: source or destination; empty: all. A later
                                     // fragment has no ports and does not fit, so its datagram is judged by the first.
  NetProtocol protocol = NetProtocol::any;
  // Share of flows, in (0, 1]. A flow is in or out by a hash of `flow_seed`, addresses, protocol and ports that is the
  // same for both directions and, where hosts have one seed, on each of them. Fragments are hashed without ports.
  double flow_share = 1;
  std::uint64_t flow_seed = 0;
  // Folders of cgroup v2 groups: only packets that their processes send, and those of the groups below. Empty: all.
  std::vector<std::string> cgroups{};

  double loss = 0;                  // partition, loss, corrupt, duplicate, reorder: share of packets hit, in [0, 1]
  NetCut cut{};                     // partition
  std::optional<NetBurst> burst{};  // loss: instead of `loss`
  std::optional<NetDns> dns{};      // dns
  bool silent = false;              // corrupt: the receiver's checksums stay right; otherwise they break
  Duration delay{};                 // delay: packets are held this long …
  Duration jitter{};                // … give or take this; <= delay
  NetSpread spread{};
  double correlation = 0;        // of one packet's jitter with the next one's, in [0, 1)
  bool reorder = false;          // delay: packets of one flow may overtake each other
  std::uint64_t rate_bytes = 0;  // bandwidth: bytes a second each way, with Ethernet headers
  std::uint64_t seed = 0;        // of what happens to single packets
};

struct NetPlaneOptions {
  // Attach by TCX where the kernel has it (6.6). Otherwise, and where it has not, by cls_bpf filters in a clsact qdisc.
  bool tcx = true;
  // TCP and UDP packets from or to one of these ports pass, whatever is prepared; later fragments have no ports. ARP
  // and IPv6's neighbour discovery always pass.
  std::vector<model::PortRange> spared{};
};

// The agent's one network data plane: a classifier on the interfaces of this network namespace, loaded and attached
// once, disarmed; every fault after that is a few map writes. Window and lease are compared in the kernel, for each
// packet. Effects must be destroyed before it. Thread: any, calls are serialised inside.
class NetPlane {
 public:
  virtual ~NetPlane() = default;

  // Loads and attaches. `interfaces` empty: all that are up and not loopback.
  // REQUIRES: CAP_NET_ADMIN, CAP_BPF. ERRORS: the missing capability's name.
  static Result<std::unique_ptr<NetPlane>> open(const std::vector<std::string>& interfaces,
                                                const NetPlaneOptions& options = {});

  // An effect that does nothing until armed and nothing without a lease (`renew`). Its revert waits until packets it
  // holds are out, at most about delay + jitter.
  // ERRORS: a bad prefix or number, more than 64 rules, what a delay needs and this host lacks.
  virtual Result<std::unique_ptr<Effect>> prepare(const NetRule& rule) = 0;
  // Until when the classifier may act at all (the agent's lease).
  virtual void renew(std::int64_t lease_end_ns) = 0;
  // Descriptors that keep the classifier attached: whoever holds copies keeps drops going until window or lease ends.
  // Delays end within 100 ms of our death all the same, because their packets need us. Borrowed.
  virtual std::vector<int> keep_alive_fds() const = 0;
};

// What dead agents have left in the calling thread's network namespace, one line each: "device fracasd0", "filter
// fracas_egress on eth0". What a living agent there has made is listed too.
std::vector<std::string> find_net_leftovers();
// Removes it. Filters and qdiscs of others stay. ERRORS: the first failure; the rest is tried all the same.
Status remove_net_leftovers();

}  // namespace fracas::agent
