#include "agent/faults/net.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>

#include "agent/bpf/net_program.h"
#include "agent/bpf/publish.h"
#include "agent/faults/net_detours.h"
#include "agent/faults/net_rule.h"
#include "lib/base/ensure.h"
#include "lib/base/log.h"
#include "lib/os/netlink.h"

namespace fracas::agent {
namespace {

// What a table of the classifier holds, or shall hold: keys, and the rules that cover them.
template <typename Key, typename Rules = std::uint64_t>
using Table = std::map<Key, Rules>;
using PrefixTable = Table<NetPrefix, PrefixRules>;
constexpr PrefixRules kUnknownRules{.from = ~std::uint64_t{0}, .to = ~std::uint64_t{0}};

void set_bit(__u64& rules, unsigned rule, bool on) {
  const __u64 bit = __u64{1} << rule;
  if (on)
    std::atomic_ref(rules).fetch_or(bit, std::memory_order_release);
  else
    std::atomic_ref(rules).fetch_and(~bit, std::memory_order_release);
}

fracas_net_prefix to_abi(const NetPrefix& prefix) {
  fracas_net_prefix key{};
  key.length = prefix.length;
  std::copy(prefix.address.begin(), prefix.address.end(), key.address);
  return key;
}

fracas_net_dns_key to_abi(const DnsKey& name) {
  fracas_net_dns_key key{};
  ensure(name.size() <= sizeof key.bytes, "a DNS name fits into its key");
  key.length = static_cast<__u32>(name.size() * 8);
  std::copy(name.begin(), name.end(), key.bytes);
  return key;
}

class Plane;

class NetEffect final : public Effect {
 public:
  NetEffect(Plane& plane, unsigned rule);
  ~NetEffect() override {
    if (auto reverted = revert(); !reverted) log::error("{}", reverted.error().message);
  }

  std::string mechanism() const override;
  Status arm(const Window& window) override;
  void renew(std::int64_t lease_end_ns) override;
  model::EffectCounters counters() const override;
  Status revert() override;

 private:
  Plane& plane_;
  const unsigned rule_;
  const std::string mechanism_;
  bool armed_ = false;
  bool reverted_ = false;
  model::EffectCounters last_counters_;  // kept when the rule is given back
};

class Plane final : public NetPlane {
 public:
  Plane(NetProgram program, os::NetNamespace netns, bool allow_tcx)
      : program_(std::move(program)), netns_(std::move(netns)), allow_tcx_(allow_tcx) {}

  ~Plane() override {
    publish(program_.config().rules_armed, 0);
    detours_.clear();
    // Filters, unlike links, are found by the namespace of the thread that removes them.
    static_cast<void>(netns_.run([this]() -> Status {
      // The first one made the clsact qdisc, and can remove it once the others' filters are gone.
      while (!attachments_.empty()) attachments_.pop_back();
      return {};
    }));
  }

  Status attach(const std::vector<os::LinkInfo>& links) {
    unsigned slot = 0;
    for (const os::LinkInfo& link : links) {
      // Interfaces beyond the last slot are not delayed by netem: their packets pass.
      if (slot < FRACAS_NET_INTERFACES)
        if (auto set = program_.set_interface_slot(link.index, slot++); !set) return set;
      for (const NetHook hook : {NetHook::ingress, NetHook::egress}) {
        auto attachment = program_.attach(hook, link.index, allow_tcx_);
        if (!attachment) return failure(std::move(attachment).error().context("interface " + link.name));
        attachments_.push_back(std::move(*attachment));
      }
    }
    tcx_ = std::all_of(attachments_.begin(), attachments_.end(), [](const auto& one) { return one.is_tcx(); });
    publish(program_.config().silent_drop, tcx_ ? FRACAS_DROP_BY_REDIRECT : FRACAS_DROP_BY_STOLEN);
    return {};
  }

  Result<std::unique_ptr<Effect>> prepare(const NetRule& rule) override;
  void renew(std::int64_t lease_end_ns) override { publish(program_.config().lease_end_ns, lease_end_ns); }

  // A link holds its program and that its maps.
  std::vector<int> keep_alive_fds() const override {
    std::vector<int> fds;
    for (const NetAttachment& attachment : attachments_)
      if (attachment.is_tcx()) fds.push_back(attachment.link_fd());
    return fds;
  }

  std::string mechanism(unsigned rule);
  void set_window(unsigned rule, const Window& window, bool first);
  model::EffectCounters counts(unsigned rule);
  // Ends the rule and waits until nothing of it is held.
  Status stop(unsigned rule);
  Status free(unsigned rule, bool was_armed);

 private:
  Result<unsigned> take_rule(const NetRule& spec, ParsedNetRule parsed);
  Status write_tables();
  Status write_prefixes();
  Status write_names();
  Status write_cgroups();

  NetProgram program_;
  os::NetNamespace netns_;
  const bool allow_tcx_;
  std::vector<NetAttachment> attachments_;
  bool tcx_ = false;

  std::mutex mutex_;  // guards everything below
  std::array<std::optional<ParsedNetRule>, FRACAS_NET_RULES> rules_;
  PrefixTable prefixes_written_;
  Table<DnsKey> names_written_;
  Table<std::uint64_t> cgroups_written_;
  NetDetours detours_{program_, netns_, allow_tcx_};
};

// Makes what is written what is wanted: `set` and `erase` do one entry.
template <typename Key, typename Rules, typename Set, typename Erase>
Status write_table(Table<Key, Rules>& written, const Table<Key, Rules>& wanted, Set set, Erase erase) {
  for (const auto& [key, rules] : wanted) {
    const auto old = written.find(key);
    if (old != written.end() && old->second == rules) continue;
    if (Status done = set(key, rules); !done) return done;
    written[key] = rules;
  }
  for (auto old = written.begin(); old != written.end();) {
    if (wanted.contains(old->first)) {
      ++old;
      continue;
    }
    if (Status done = erase(old->first); !done) return done;
    old = written.erase(old);
  }
  return {};
}

// All changes in as few calls as the kernel takes. False if some of them are left.
bool write_at_once(NetProgram& program, const PrefixTable& written, const PrefixTable& wanted) {
  std::vector<fracas_net_prefix> gone;
  for (const auto& [prefix, rules] : written)
    if (!wanted.contains(prefix)) gone.push_back(to_abi(prefix));
  std::vector<fracas_net_prefix> changed;
  std::vector<fracas_net_cover> values;
  for (const auto& [prefix, rules] : wanted) {
    if (const auto old = written.find(prefix); old != written.end() && old->second == rules) continue;
    changed.push_back(to_abi(prefix));
    values.push_back({.from = rules.from, .to = rules.to});
  }
  return program.set_prefixes(changed, values) && program.erase_prefixes(gone);
}

Status Plane::write_prefixes() {
  std::vector<PrefixClaim> claims;
  for (unsigned rule = 0; rule < FRACAS_NET_RULES; ++rule) {
    if (!rules_[rule]) continue;
    const std::uint64_t bit = std::uint64_t{1} << rule;
    for (const NetPrefix& prefix : rules_[rule]->from) claims.push_back({prefix, {.from = bit}});
    for (const NetPrefix& prefix : rules_[rule]->to) claims.push_back({prefix, {.to = bit}});
  }
  PrefixTable wanted = compile_prefixes(claims);
  unsigned tables = 0;
  for (const auto& [prefix, rules] : wanted)
    tables |= prefix.length == 128 ? FRACAS_TABLE_HOSTS : FRACAS_TABLE_PREFIXES;
  // Looked at before anything new is in it, and until everything old is out.
  std::atomic_ref(program_.config().tables).fetch_or(tables, std::memory_order_release);
  Status done;
  if (write_at_once(program_, prefixes_written_, wanted)) {
    prefixes_written_ = std::move(wanted);
  } else {
    // Which changes were made is not known: all are made again, one by one, until one fails.
    for (const auto& [prefix, rules] : wanted) prefixes_written_[prefix] = kUnknownRules;
    done = write_table(
        prefixes_written_, wanted,
        [&](const NetPrefix& prefix, const PrefixRules& rules) {
          return program_.set_prefix(to_abi(prefix), {.from = rules.from, .to = rules.to});
        },
        [&](const NetPrefix& prefix) { return program_.erase_prefix(to_abi(prefix)); });
  }
  if (done) publish(program_.config().tables, tables);
  return done;
}

Status Plane::write_names() {
  std::vector<DnsClaim> claims;
  for (unsigned rule = 0; rule < FRACAS_NET_RULES; ++rule)
    if (rules_[rule])
      for (const DnsPattern& name : rules_[rule]->names) claims.push_back({name, rule});
  return write_table(
      names_written_, compile_dns_names(claims),
      [this](const DnsKey& name, std::uint64_t rules) { return program_.set_dns_name(to_abi(name), rules); },
      [this](const DnsKey& name) { return program_.erase_dns_name(to_abi(name)); });
}

Status Plane::write_cgroups() {
  Table<std::uint64_t> wanted;
  for (unsigned rule = 0; rule < FRACAS_NET_RULES; ++rule)
    if (rules_[rule])
      for (const std::uint64_t cgroup : rules_[rule]->cgroups) wanted[cgroup] |= std::uint64_t{1} << rule;
  return write_table(
      cgroups_written_, wanted,
      [this](std::uint64_t cgroup, std::uint64_t rules) { return program_.set_cgroup(cgroup, rules); },
      [this](std::uint64_t cgroup) { return program_.erase_cgroup(cgroup); });
}

Status Plane::write_tables() {
  if (auto done = write_names(); !done) return done;
  if (auto done = write_cgroups(); !done) return done;
  return write_prefixes();
}

Result<std::unique_ptr<Effect>> Plane::prepare(const NetRule& spec) {
  auto parsed = parse_net_rule(spec);
  if (!parsed) return failure(std::move(parsed).error());
  auto rule = take_rule(spec, std::move(*parsed));
  if (!rule) return failure(std::move(rule).error());
  return std::unique_ptr<Effect>(std::make_unique<NetEffect>(*this, *rule));
}

Result<unsigned> Plane::take_rule(const NetRule& spec, ParsedNetRule parsed) {
  const std::lock_guard lock(mutex_);
  const auto free = std::find(rules_.begin(), rules_.end(), std::nullopt);
  if (free == rules_.end())
    return failure(fmt::format("{}: {} network faults are prepared already", spec.kind, int{FRACAS_NET_RULES}));
  const auto rule = static_cast<unsigned>(free - rules_.begin());
  program_.rule(rule) = parsed.shared;
  if (auto cleared = program_.clear_counts(rule); !cleared)
    return failure(std::move(cleared).error().context(spec.kind));
  if (parsed.detour)
    if (auto added = detours_.add(rule, *parsed.detour); !added)
      return failure(std::move(added).error().context(spec.kind));
  const fracas_stage stage = parsed.stage;
  program_.dns_answer(rule) = parsed.dns;
  set_bit(program_.dns_address_rules(), rule, stage == FRACAS_STAGE_DNS && !parsed.dns.silent && parsed.dns.code == 0);
  set_bit(program_.cgroup_bound(), rule, !parsed.cgroups.empty());
  *free = std::move(parsed);
  set_bit(program_.stage_rules(stage), rule, true);
  if (auto written = write_tables(); !written) {
    *free = std::nullopt;
    set_bit(program_.stage_rules(stage), rule, false);
    static_cast<void>(write_tables());
    detours_.remove(rule);
    return failure(std::move(written).error().context(spec.kind));
  }
  return rule;
}

void Plane::set_window(unsigned rule, const Window& window, bool first) {
  const std::lock_guard lock(mutex_);
  fracas_net_rule& shared = program_.rule(rule);
  if (shared.start_ns != window.start_ns) {
    publish(shared.end_ns, 0);  // a packet never sees one window's start with another's end
    publish(shared.start_ns, window.start_ns);
  }
  publish(shared.end_ns, window.end_ns);
  if (first) std::atomic_ref(program_.config().rules_armed).fetch_add(1, std::memory_order_release);
}

std::string Plane::mechanism(unsigned rule) {
  const std::lock_guard lock(mutex_);
  if (const auto detour = detours_.mechanism(rule); !detour.empty()) return std::string(detour);
  return tcx_ ? "tcx" : "cls_bpf";
}

model::EffectCounters Plane::counts(unsigned rule) {
  const std::lock_guard lock(mutex_);
  return detours_.add_counts(rule, program_.counts(rule));
}

Status Plane::stop(unsigned rule) {
  {
    const std::lock_guard lock(mutex_);
    publish(program_.rule(rule).end_ns, 0);
  }
  // Without the lock: packets are held for up to a minute. The detour stays, because it is this rule's.
  return detours_.drain(rule);
}

Status Plane::free(unsigned rule, bool was_armed) {
  const std::lock_guard lock(mutex_);
  std::optional<ParsedNetRule> freed = std::exchange(rules_[rule], std::nullopt);
  if (auto written = write_tables(); !written) {
    rules_[rule] = std::move(freed);  // its bits may still be in a table, so nobody else may have it
    return failure(std::move(written).error().context(rules_[rule]->rule.kind));
  }
  set_bit(program_.stage_rules(freed->stage), rule, false);
  if (was_armed) std::atomic_ref(program_.config().rules_armed).fetch_sub(1, std::memory_order_release);
  detours_.remove(rule);
  return {};
}

NetEffect::NetEffect(Plane& plane, unsigned rule) : plane_(plane), rule_(rule), mechanism_(plane.mechanism(rule)) {}

std::string NetEffect::mechanism() const {
  return mechanism_;
}

Status NetEffect::arm(const Window& window) {
  if (reverted_) return failure("a reverted network fault cannot be armed");
  if (window.end_ns <= window.start_ns) return failure("a network fault's window ends after it starts");
  plane_.set_window(rule_, window, !armed_);
  armed_ = true;
  return {};
}

void NetEffect::renew(std::int64_t lease_end_ns) {
  plane_.renew(lease_end_ns);
}

model::EffectCounters NetEffect::counters() const {
  return reverted_ ? last_counters_ : plane_.counts(rule_);
}

Status NetEffect::revert() {
  if (reverted_) return {};
  if (auto stopped = plane_.stop(rule_); !stopped) return stopped;
  last_counters_ = plane_.counts(rule_);
  if (auto freed = plane_.free(rule_, armed_); !freed) return freed;
  reverted_ = true;
  return {};
}

Result<std::vector<os::LinkInfo>> choose_links(const std::vector<std::string>& names) {
  auto socket = os::RouteSocket::open();
  if (!socket) return failure(std::move(socket).error());
  std::vector<os::LinkInfo> chosen;
  for (const std::string& name : names) {
    auto link = socket->link(name);
    if (!link) return failure(std::move(link).error());
    chosen.push_back(std::move(*link));
  }
  if (!names.empty()) return chosen;
  auto links = socket->links();
  if (!links) return failure(std::move(links).error());
  for (os::LinkInfo& link : *links)
    if (link.up && !link.loopback && !link.name.starts_with(kDetourPrefix)) chosen.push_back(std::move(link));
  return chosen;
}

}  // namespace

Result<std::unique_ptr<NetPlane>> NetPlane::open(const std::vector<std::string>& interfaces,
                                                 const NetPlaneOptions& options) {
  auto links = choose_links(interfaces);
  if (!links) return failure(std::move(links).error().context("network data plane"));
  auto netns = os::NetNamespace::current();
  if (!netns) return failure(std::move(netns).error().context("network data plane"));
  auto program = NetProgram::load();
  if (!program) return failure(std::move(program).error().context("network data plane"));
  program->spare_ports(options.spared);
  auto plane = std::make_unique<Plane>(std::move(*program), std::move(*netns), options.tcx);
  if (auto attached = plane->attach(*links); !attached)
    return failure(std::move(attached).error().context("network data plane"));
  return plane;
}

}  // namespace fracas::agent
