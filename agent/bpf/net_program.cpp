#include "agent/bpf/net_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "agent/bpf/net_filter.h"
#include "agent/bpf/port_set.h"
#include "lib/base/ensure.h"
#include "net.skel.h"

namespace fracas::agent {
namespace {

// From kernel 6.6 on; the headers of Debian 12 do not have them. Source: include/uapi/linux/bpf.h.
constexpr unsigned kTcxIngress = 46;
constexpr unsigned kTcxEgress = 47;
constexpr unsigned kBeforeAllOthers = 1U << 3;  // BPF_F_BEFORE

Result<os::UniqueFd> create_tcx_link(int program_fd, int ifindex, bool egress) {
  // union bpf_attr of an older header may lack the members behind `flags`; the kernel wants zeros there.
  struct {
    std::uint32_t program_fd, ifindex, attach_type, flags;
    std::uint64_t relative, expected_revision;
  } request = {static_cast<std::uint32_t>(program_fd),
               static_cast<std::uint32_t>(ifindex),
               egress ? kTcxEgress : kTcxIngress,
               kBeforeAllOthers,
               0,
               0};
  const long fd = ::syscall(SYS_bpf, BPF_LINK_CREATE, &request, sizeof request);
  if (fd < 0) return system_failure("attach by TCX");
  return os::UniqueFd(static_cast<int>(fd));  // the kernel makes it close-on-exec
}

}  // namespace

NetAttachment::NetAttachment(NetAttachment&& other) noexcept
    : link_(std::move(other.link_)),
      filter_ifindex_(std::exchange(other.filter_ifindex_, 0)),
      filter_egress_(other.filter_egress_),
      made_clsact_(std::exchange(other.made_clsact_, false)) {}

NetAttachment& NetAttachment::operator=(NetAttachment&& other) noexcept {
  if (this == &other) return *this;
  detach();
  link_ = std::move(other.link_);
  filter_ifindex_ = std::exchange(other.filter_ifindex_, 0);
  filter_egress_ = other.filter_egress_;
  made_clsact_ = std::exchange(other.made_clsact_, false);
  return *this;
}

void NetAttachment::detach() {
  link_.reset();
  if (filter_ifindex_ == 0) return;
  detach_filter(filter_ifindex_, filter_egress_);
  if (made_clsact_) delete_clsact_if_empty(filter_ifindex_);
  filter_ifindex_ = 0;
}

void NetProgram::Destroy::operator()(net_bpf* object) const {
  net_bpf__destroy(object);
}
NetProgram::NetProgram(std::unique_ptr<net_bpf, Destroy> object) : object_(std::move(object)) {}
NetProgram::NetProgram(NetProgram&&) noexcept = default;
NetProgram& NetProgram::operator=(NetProgram&&) noexcept = default;
NetProgram::~NetProgram() = default;

Result<NetProgram> NetProgram::load() {
  // libbpf writes to stderr otherwise; what it would say is in the error we return.
  libbpf_set_print(nullptr);
  std::unique_ptr<net_bpf, Destroy> object(net_bpf__open());
  if (!object) return system_failure("open the network BPF object");
  if (const int error = net_bpf__load(object.get()); error != 0)
    return system_failure("load the network BPF programs (they need CAP_BPF, CAP_NET_ADMIN and Linux 5.17)", -error);
  return NetProgram(std::move(object));
}

int NetProgram::program_fd(NetHook hook) const {
  return bpf_program__fd(hook == NetHook::ingress  ? object_->progs.fracas_ingress
                         : hook == NetHook::egress ? object_->progs.fracas_egress
                                                   : object_->progs.fracas_return);
}

Result<NetProgram::Trial> NetProgram::try_packet(NetHook hook, std::span<const std::byte> packet,
                                                 unsigned repeat) const {
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = packet.data();
  options.data_size_in = static_cast<__u32>(packet.size());
  options.repeat = static_cast<int>(repeat);
  if (const int error = bpf_prog_test_run_opts(program_fd(hook), &options); error != 0)
    return system_failure("try a packet", -error);
  return Trial{static_cast<int>(options.retval), options.duration};
}

Result<NetAttachment> NetProgram::attach(NetHook hook, int ifindex, bool allow_tcx) const {
  const int program_fd = this->program_fd(hook);
  const bool egress = hook == NetHook::egress;
  NetAttachment attachment;
  if (allow_tcx) {
    auto link = create_tcx_link(program_fd, ifindex, egress);
    if (link) {
      attachment.link_ = std::move(*link);
      return attachment;
    }
    if (link.error().code != EINVAL) return failure(std::move(link).error());
  }
  auto made_clsact = attach_filter(program_fd, ifindex, egress);
  if (!made_clsact) return failure(std::move(made_clsact).error());
  attachment.filter_ifindex_ = ifindex;
  attachment.filter_egress_ = egress;
  attachment.made_clsact_ = *made_clsact;
  return attachment;
}

fracas_net_config& NetProgram::config() {
  return object_->bss->config;
}

fracas_net_rule& NetProgram::rule(unsigned index) {
  ensure(index < FRACAS_NET_RULES, "a network rule's index is below FRACAS_NET_RULES");
  return object_->bss->rules[index];
}

__u64& NetProgram::stage_rules(fracas_stage stage) {
  ensure(stage < FRACAS_STAGES, "a network rule belongs to one of the stages");
  return object_->bss->stage_rules[stage];
}

void NetProgram::spare_ports(std::span<const model::PortRange> ports) {
  add_ports(ports, object_->bss->spared_ports);
}

__u32& NetProgram::slot_ifindex(unsigned slot) {
  ensure(slot < FRACAS_NET_INTERFACES, "an interface slot is below FRACAS_NET_INTERFACES");
  return object_->bss->slot_ifindex[slot];
}

fracas_net_dns_answer& NetProgram::dns_answer(unsigned rule) {
  ensure(rule < FRACAS_NET_RULES, "a network rule's index is below FRACAS_NET_RULES");
  return object_->bss->dns_answers[rule];
}

__u64& NetProgram::dns_address_rules() {
  return object_->bss->dns_address_rules;
}

__u64& NetProgram::cgroup_bound() {
  return object_->bss->cgroup_bound;
}

namespace {

template <typename Key, typename Rules>
Status set_rules(int map, const Key& key, const Rules& rules, const char* what) {
  if (bpf_map_update_elem(map, &key, &rules, BPF_ANY) == 0) return {};
  return system_failure(std::string("add a ") + what);
}

template <typename Key>
Status erase_rules(int map, const Key& key, const char* what) {
  if (bpf_map_delete_elem(map, &key) == 0 || errno == ENOENT) return {};
  return system_failure(std::string("remove a ") + what);
}

template <typename Key>
bool set_all(int map, const std::vector<Key>& keys, const std::vector<fracas_net_cover>& rules) {
  auto count = static_cast<__u32>(keys.size());
  LIBBPF_OPTS(bpf_map_batch_opts, options);
  return count == 0 || bpf_map_update_batch(map, keys.data(), rules.data(), &count, &options) == 0;
}

template <typename Key>
bool erase_all(int map, const std::vector<Key>& keys) {
  auto count = static_cast<__u32>(keys.size());
  LIBBPF_OPTS(bpf_map_batch_opts, options);
  return count == 0 || bpf_map_delete_batch(map, keys.data(), &count, &options) == 0;
}

bool is_host(const fracas_net_prefix& prefix) {
  return prefix.length == 128;
}

fracas_net_host host_of(const fracas_net_prefix& prefix) {
  fracas_net_host host{};
  std::copy(std::begin(prefix.address), std::end(prefix.address), host.address);
  return host;
}

}  // namespace

int NetProgram::prefix_table(bool hosts) const {
  return bpf_map__fd(hosts ? object_->maps.hosts : object_->maps.prefixes);
}

Status NetProgram::set_prefix(const fracas_net_prefix& prefix, const fracas_net_cover& rules) {
  if (is_host(prefix)) return set_rules(prefix_table(true), host_of(prefix), rules, "host");
  return set_rules(prefix_table(false), prefix, rules, "prefix");
}

Status NetProgram::erase_prefix(const fracas_net_prefix& prefix) {
  if (is_host(prefix)) return erase_rules(prefix_table(true), host_of(prefix), "host");
  return erase_rules(prefix_table(false), prefix, "prefix");
}

bool NetProgram::set_prefixes(std::span<const fracas_net_prefix> prefixes, std::span<const fracas_net_cover> rules) {
  ensure(prefixes.size() == rules.size(), "each prefix has its rules");
  std::vector<fracas_net_host> hosts;
  std::vector<fracas_net_prefix> ranges;
  std::vector<fracas_net_cover> hosts_rules;
  std::vector<fracas_net_cover> ranges_rules;
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    (is_host(prefixes[i]) ? hosts_rules : ranges_rules).push_back(rules[i]);
    if (is_host(prefixes[i]))
      hosts.push_back(host_of(prefixes[i]));
    else
      ranges.push_back(prefixes[i]);
  }
  return set_all(prefix_table(true), hosts, hosts_rules) && set_all(prefix_table(false), ranges, ranges_rules);
}

bool NetProgram::erase_prefixes(std::span<const fracas_net_prefix> prefixes) {
  std::vector<fracas_net_host> hosts;
  std::vector<fracas_net_prefix> ranges;
  for (const fracas_net_prefix& prefix : prefixes) {
    if (is_host(prefix))
      hosts.push_back(host_of(prefix));
    else
      ranges.push_back(prefix);
  }
  return erase_all(prefix_table(true), hosts) && erase_all(prefix_table(false), ranges);
}

Status NetProgram::set_dns_name(const fracas_net_dns_key& name, std::uint64_t rules) {
  return set_rules(bpf_map__fd(object_->maps.dns_names), name, rules, "DNS name");
}

Status NetProgram::erase_dns_name(const fracas_net_dns_key& name) {
  return erase_rules(bpf_map__fd(object_->maps.dns_names), name, "DNS name");
}

Status NetProgram::set_cgroup(std::uint64_t id, std::uint64_t rules) {
  return set_rules(bpf_map__fd(object_->maps.cgroup_rules), id, rules, "cgroup");
}

Status NetProgram::erase_cgroup(std::uint64_t id) {
  return erase_rules(bpf_map__fd(object_->maps.cgroup_rules), id, "cgroup");
}

Status NetProgram::set_interface_slot(int ifindex, unsigned slot) {
  const auto key = static_cast<std::uint32_t>(ifindex);
  if (bpf_map_update_elem(bpf_map__fd(object_->maps.ifindex_slots), &key, &slot, BPF_ANY) != 0)
    return system_failure("number an interface");
  slot_ifindex(slot) = key;
  return {};
}

model::EffectCounters NetProgram::counts(unsigned rule) const {
  std::vector<fracas_net_count> each(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  model::EffectCounters sum;
  if (bpf_map_lookup_elem(bpf_map__fd(object_->maps.counts), &rule, each.data()) != 0) return sum;
  for (const fracas_net_count& count : each) {
    sum.matched += count.matched;
    sum.affected += count.affected;
    sum.bytes += count.bytes;
    if (count.affected == 0) continue;
    sum.first_ns = sum.first_ns == 0 ? count.first_ns : std::min<std::int64_t>(sum.first_ns, count.first_ns);
    sum.last_ns = std::max<std::int64_t>(sum.last_ns, count.last_ns);
  }
  return sum;
}

Status NetProgram::clear_counts(unsigned rule) {
  const std::vector<fracas_net_count> zeros(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  if (bpf_map_update_elem(bpf_map__fd(object_->maps.counts), &rule, zeros.data(), BPF_ANY) != 0)
    return system_failure("clear a network rule's counters");
  return {};
}

}  // namespace fracas::agent
