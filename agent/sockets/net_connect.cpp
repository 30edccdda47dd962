#include "agent/sockets/net_connect.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <utility>

#include "agent/bpf/link.h"
#include "agent/bpf/port_set.h"
#include "agent/bpf/publish.h"
#include "agent/faults/net_prefix.h"
#include "agent/sockets/connect.abi.h"
#include "connect.skel.h"
#include "lib/os/fd.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDelayMin = 1ms;
constexpr Duration kDelayMax = 60s;

struct DestroyObject {
  void operator()(connect_bpf* object) const { connect_bpf__destroy(object); }
};
using Object = std::unique_ptr<connect_bpf, DestroyObject>;

// The length of a kernel tick, which is the resolution of the coarse clocks.
Duration tick_length() {
  timespec resolution{};
  ::clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
  return std::max<Duration>(1ms, std::chrono::nanoseconds(resolution.tv_nsec));
}

fracas_connect_outcome to_abi(ConnectOutcome outcome) {
  if (outcome == ConnectOutcome::timeout) return FRACAS_CONNECT_HANG;
  return outcome == ConnectOutcome::slow ? FRACAS_CONNECT_SLOW : FRACAS_CONNECT_FAIL;
}

Status add_peers(connect_bpf& object, const std::vector<std::string>& texts) {
  const std::uint8_t covered = 1;
  for (const std::string& text : texts) {
    auto prefix = parse_net_prefix(text);
    if (!prefix) return failure(std::move(prefix).error());
    fracas_connect_prefix key{};
    key.length = prefix->length;
    std::copy(prefix->address.begin(), prefix->address.end(), key.address);
    if (bpf_map_update_elem(bpf_map__fd(object.maps.peers), &key, &covered, BPF_ANY) != 0)
      return system_failure("add a peer");
  }
  return {};
}

void write_rule(fracas_connect_rule& shared, const NetConnectRule& rule) {
  shared.share_per_2_32 = static_cast<__u64>(std::llround(std::ldexp(rule.share, 32)));
  shared.seed = rule.seed;
  shared.outcome = to_abi(rule.outcome);
  shared.error = rule.outcome == ConnectOutcome::unreachable ? EHOSTUNREACH : ECONNREFUSED;
  const Duration tick = tick_length();
  // One more, because the tick that runs has begun already.
  shared.delay_jiffies = static_cast<__u32>((rule.delay + tick - 1ns) / tick + 1);
  shared.any_peer = rule.peers.empty() ? 1 : 0;
  shared.any_port = rule.ports.empty() ? 1 : 0;
}

class NetConnect final : public KeptEffect {
 public:
  explicit NetConnect(Object object) : object_(std::move(object)) {}
  // Copies of the links may live on elsewhere, so closing ours is not enough.
  ~NetConnect() override { publish(object_->bss->rule.end_ns, 0); }

  Status attach(const std::filesystem::path& folder, const NetConnectRule& rule) {
    const os::UniqueFd cgroup(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!cgroup) return system_failure("open cgroup " + folder.string());
    std::vector<bpf_program*> programs = {object_->progs.fracas_connect4, object_->progs.fracas_connect6};
    const bool holds_packets = rule.outcome == ConnectOutcome::timeout || rule.outcome == ConnectOutcome::slow;
    if (holds_packets) programs.push_back(object_->progs.fracas_connect_syn);
    if (rule.outcome == ConnectOutcome::slow) programs.push_back(object_->progs.fracas_connect_wait);
    for (const bpf_program* program : programs) {
      Link link(bpf_program__attach_cgroup(program, cgroup.get()));
      if (!link) return system_failure(std::string("attach ") + bpf_program__name(program) + " to " + folder.string());
      links_.push_back(std::move(link));
    }
    return {};
  }

  std::string mechanism() const override { return "cgroup-bpf"; }

  Status arm(const Window& window) override {
    if (reverted_) return failure("a reverted fault cannot be armed");
    fracas_connect_rule& shared = object_->bss->rule;
    if (shared.start_ns != window.start_ns) {
      publish(shared.end_ns, 0);  // no attempt sees one window's start with another's end
      publish(shared.start_ns, window.start_ns);
    }
    publish(shared.end_ns, window.end_ns);
    return {};
  }

  void renew(std::int64_t lease_end_ns) override { publish(object_->bss->rule.lease_end_ns, lease_end_ns); }

  model::EffectCounters counters() const override {
    const fracas_connect_counts& counted = object_->bss->counts;
    model::EffectCounters counters;
    counters.matched = counted.matched;
    counters.affected = counted.affected;
    counters.first_ns = counted.first_ns;
    counters.last_ns = counted.last_ns;
    return counters;
  }

  Status revert() override {
    publish(object_->bss->rule.end_ns, 0);
    links_.clear();
    reverted_ = true;
    return {};
  }

  std::vector<int> keep_alive_fds() const override {
    std::vector<int> fds;
    for (const Link& link : links_) fds.push_back(bpf_link__fd(link.get()));
    return fds;
  }

 private:
  Object object_;
  std::vector<Link> links_;
  bool reverted_ = false;
};

}  // namespace

Status check_net_connect(const NetConnectRule& rule) {
  if (!(rule.share > 0 && rule.share <= 1)) return failure("the share of attempts is above 0 and at most 1", EINVAL);
  if (rule.outcome == ConnectOutcome::slow && (rule.delay < kDelayMin || rule.delay > kDelayMax))
    return failure("a slow connect takes 1ms to 60s longer", EINVAL);
  return {};
}

Result<std::unique_ptr<KeptEffect>> make_net_connect(const NetConnectRule& rule,
                                                     const std::vector<std::filesystem::path>& cgroups) {
  if (auto good = check_net_connect(rule); !good) return failure(std::move(good).error());
  libbpf_set_print(nullptr);
  Object object(connect_bpf__open());
  if (!object) return system_failure("open the connect BPF object");
  if (const int error = connect_bpf__load(object.get()); error != 0)
    return system_failure("load the connect BPF programs (they need CAP_BPF, CAP_NET_ADMIN and Linux 5.18)", -error);
  if (auto added = add_peers(*object, rule.peers); !added) return failure(std::move(added).error());
  add_ports(rule.ports, object->bss->ports);
  add_ports(rule.spared, object->bss->spared_ports);
  write_rule(object->bss->rule, rule);
  auto effect = std::make_unique<NetConnect>(std::move(object));
  for (const std::filesystem::path& cgroup : cgroups)
    if (auto attached = effect->attach(cgroup, rule); !attached) return failure(std::move(attached).error());
  return std::unique_ptr<KeptEffect>(std::move(effect));
}

}  // namespace fracas::agent
