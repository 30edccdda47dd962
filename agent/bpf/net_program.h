#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agent/bpf/net.abi.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"
#include "lib/model/net_flows.h"
#include "lib/os/fd.h"

struct net_bpf;

namespace fracas::agent {

// Which packets a prefix table judges.

// The programs of net.bpf.c.
enum class NetHook { ingress, egress, detour_return };

// One program on one interface. TCX (kernels from 6.6) where it is offered: the kernel removes it with the last copy of
// its descriptor. Else a filter of an own clsact qdisc, which a crash leaves behind. Destroying it detaches; of several
// on one interface the first made is to be destroyed last, since it owns the qdisc.
class NetAttachment {
 public:
  NetAttachment() = default;
  NetAttachment(NetAttachment&& other) noexcept;
  NetAttachment& operator=(NetAttachment&& other) noexcept;
  ~NetAttachment() { detach(); }

  // Descriptor of the TCX link; -1 for a filter.
  int link_fd() const { return link_.get(); }
  bool is_tcx() const { return static_cast<bool>(link_); }

 private:
  friend class NetProgram;
  void detach();

  os::UniqueFd link_;
  int filter_ifindex_ = 0;  // 0: no filter
  bool filter_egress_ = false;
  bool made_clsact_ = false;
};

// The loaded network classifier and the memory it shares with us. Nothing is pinned. Thread: see each member.
class NetProgram {
 public:
  // REQUIRES: CAP_NET_ADMIN and CAP_BPF (or CAP_SYS_ADMIN). ERRORS: what the kernel refuses, with its errno.
  static Result<NetProgram> load();
  NetProgram(NetProgram&&) noexcept;
  NetProgram& operator=(NetProgram&&) noexcept;
  ~NetProgram();

  // Attaches in the calling thread's network namespace. On a kernel with TCX a plain filter is made only if `allow_tcx`
  // is false. ERRORS: EBUSY where neither can work because the interface has a plain ingress qdisc.
  Result<NetAttachment> attach(NetHook hook, int ifindex, bool allow_tcx = true) const;

  // Shared with the running program: every member is stored and loaded as one word. Any thread.
  fracas_net_config& config();
  fracas_net_rule& rule(unsigned index);  // index < FRACAS_NET_RULES
  __u64& stage_rules(fracas_stage stage);
  // REQUIRES: before it is attached.
  void spare_ports(std::span<const model::PortRange> ports);
  fracas_net_dns_answer& dns_answer(unsigned rule);
  __u64& dns_address_rules();
  __u64& cgroup_bound();
  __u32& slot_ifindex(unsigned slot);  // slot < FRACAS_NET_INTERFACES

  // Which rules cover the packets of `prefix`. Any thread.
  Status set_prefix(const fracas_net_prefix& prefix, const fracas_net_cover& rules);
  Status erase_prefix(const fracas_net_prefix& prefix);
  // The same for many at once, in a third of the time. False if the kernel did not do all of them: then any of them may
  // be done. REQUIRES: as many rules as prefixes.
  bool set_prefixes(std::span<const fracas_net_prefix> prefixes, std::span<const fracas_net_cover> rules);
  bool erase_prefixes(std::span<const fracas_net_prefix> prefixes);
  // Bit r of `rules`: rule r covers these DNS names, whole ones or those below; or the cgroup of that id and all below.
  Status set_dns_name(const fracas_net_dns_key& name, std::uint64_t rules);
  Status erase_dns_name(const fracas_net_dns_key& name);
  Status set_cgroup(std::uint64_t id, std::uint64_t rules);
  Status erase_cgroup(std::uint64_t id);
  Status set_interface_slot(int ifindex, unsigned slot);

  // Runs a program on one packet, `repeat` times, without sending it anywhere; for benches and tests. Thread: any.
  // ERRORS: EINVAL for a packet shorter than an Ethernet header.
  struct Trial {
    int verdict = 0;            // what the program answered
    std::uint64_t ns_each = 0;  // mean time of one run
  };
  Result<Trial> try_packet(NetHook hook, std::span<const std::byte> packet, unsigned repeat = 1) const;

  // Sums over all CPUs since clear_counts. Any thread.
  model::EffectCounters counts(unsigned rule) const;
  Status clear_counts(unsigned rule);

 private:
  struct Destroy {
    void operator()(net_bpf* object) const;
  };
  int program_fd(NetHook hook) const;
  int prefix_table(bool hosts) const;
  explicit NetProgram(std::unique_ptr<net_bpf, Destroy> object);

  std::unique_ptr<net_bpf, Destroy> object_;
};

// Filters of ours on the interfaces of the calling thread's namespace, as "filter fracas_egress on eth0".
Result<std::vector<std::string>> find_net_filters();
// Removes them, and each clsact qdisc that is empty afterwards. Filters of others stay. Continues after an error and
// returns the first.
Status remove_net_filters();

}  // namespace fracas::agent
