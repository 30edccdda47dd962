#include "lib/model/experiment_rules.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <set>

#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/field_rules.h"
#include "lib/model/kind_names.h"
#include "lib/model/net_flows.h"
#include "lib/model/proto_time.h"
#include "lib/model/signal_number.h"
#include "lib/model/suggest.h"

namespace fracas::model {
namespace {

// The chosen kind of a fault, and its field of a name and a type; nulls where it has none.
struct Part {
  const google::protobuf::Message* fault = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
};

Part part_of(const FaultSpec& spec, const char* name, google::protobuf::FieldDescriptor::CppType type) {
  const auto* member = spec.GetReflection()->GetOneofFieldDescriptor(spec, choice_by_kind(*spec.GetDescriptor()));
  if (member == nullptr) return {};
  const auto& fault = spec.GetReflection()->GetMessage(spec, member);
  const auto* found = fault.GetDescriptor()->FindFieldByName(name);
  return {.fault = &fault, .field = found != nullptr && found->cpp_type() == type ? found : nullptr};
}

// Why a fault cannot act on the packets of some senders alone; nullptr if it can.
const char* why_not_by_sender(const FaultSpec& fault) {
  if (fault.has_net_reset()) return "net.reset acts on the connections of the whole host";
  const bool arriving = direction_of(fault).value_or(DIRECTION_OUT) != DIRECTION_OUT;
  return arriving ? "what arrives belongs to no process yet: add direction = \"out\"" : nullptr;
}

const char* why_not_target_only(const FaultSpec& fault) {
  if (fault.has_net_connect() || fault.has_net_dns()) return "this kind acts on the target's processes by itself";
  return why_not_by_sender(fault);
}

const char* why_no_senders(const FaultSpec& fault) {
  if (flows_of(fault)->target_only()) return "target_only means the target's packets, `senders` those of others";
  if (fault.has_net_dns() && fault.net_dns().whole_host())
    return "whole_host means the queries of all, `senders` those of some";
  return why_not_by_sender(fault);
}

// Why a fault cannot be between its victims and addresses; nullptr if it can.
const char* why_no_prefixes(const FaultSpec& fault) {
  if (fault.has_net_partition()) {
    const bool from_all_others = fault.net_partition().shape() == NetPartition::SHAPE_ISOLATE ||
                                 fault.net_partition().shape() == NetPartition::SHAPE_ONE_WAY;
    return from_all_others ? nullptr : "of the shapes only isolate and one-way take addresses";
  }
  const std::string* to = peers_of(fault);
  return to == nullptr || to->empty() || *to == "all" ? nullptr : "`to` names hosts already: one of the two";
}

// The key whose value is wrong where check_flows says so.
std::string wrong_key(const NetFlows& flows) {
  for (int i = 0; i < flows.prefixes_size(); ++i)
    if (!check_prefix(flows.prefixes(i))) return fmt::format("prefixes[{}]", i);
  return flows.ports_size() > 0 ? "ports" : "share";
}

void check_all_flows(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  for (int i = 0; i < experiment.fault_size(); ++i) {
    const NetFlows* flows = flows_of(experiment.fault(i));
    if (flows == nullptr) continue;
    if (auto right = check_flows(*flows); !right)
      mistakes.add(places.find(fmt::format("fault[{}].{}", i, wrong_key(*flows))), right.error().message);
    if (const char* why = why_not_target_only(experiment.fault(i)); flows->target_only() && why != nullptr)
      mistakes.add(places.find(fmt::format("fault[{}].target_only", i)), why);
    if (const char* why = why_no_prefixes(experiment.fault(i)); flows->prefixes_size() > 0 && why != nullptr)
      mistakes.add(places.find(fmt::format("fault[{}].prefixes", i)), why);
    if (const char* why = why_no_senders(experiment.fault(i)); flows->has_senders() && why != nullptr)
      mistakes.add(places.find(fmt::format("fault[{}].senders", i)), why);
    const bool tcp_alone = experiment.fault(i).has_net_reset() || experiment.fault(i).has_net_connect();
    if (tcp_alone && flows->protocol() != PROTOCOL_ANY && flows->protocol() != PROTOCOL_TCP)
      mistakes.add(places.find(fmt::format("fault[{}].protocol", i)), "this kind acts on TCP connections alone");
  }
}

void check_signals(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  for (int i = 0; i < experiment.fault_size(); ++i)
    if (experiment.fault(i).has_process_kill() && !signal_number(experiment.fault(i).process_kill()))
      mistakes.add(places.find(fmt::format("fault[{}].number", i)),
                   "real-time signals are 34 to 64; the others have names, which `signal` takes");
}

void check_limits(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  for (int i = 0; i < experiment.fault_size(); ++i) {
    const FaultSpec& fault = experiment.fault(i);
    if (!fault.has_disk_throttle() || fault.disk_throttle().rate() > 0 || fault.disk_throttle().call_rate() > 0)
      continue;
    mistakes.add(places.find(fmt::format("fault[{}]", i)), "disk.throttle needs rate or call_rate, or both");
  }
}

template <typename Target>
void check_bugs(const Target& target, const std::vector<std::string>& known, const Places& places, Mistakes& mistakes) {
  std::set<std::string> seen;
  for (int i = 0; i < target.bugs_size(); ++i) {
    const Place& place = places.find(fmt::format("target.options.bugs[{}]", i));
    const std::string& bug = target.bugs(i);
    if (std::find(known.begin(), known.end(), bug) == known.end())
      mistakes.add(place, fmt::format("unknown bug \"{}\"{}", bug, suggestion(bug, known)));
    if (!seen.insert(bug).second) mistakes.add(place, fmt::format("bug \"{}\" is named twice", bug));
  }
}

void check_raft(const RaftTarget& raft, const Places& places, Mistakes& mistakes) {
  const Duration heartbeat = from_proto(raft.heartbeat());
  const Duration timeout = from_proto(raft.election_timeout());
  if (heartbeat * 3 > timeout)
    mistakes.add(places.find("target.options.heartbeat"),
                 fmt::format("heartbeat {} is more than a third of election_timeout {}", format_duration(heartbeat),
                             format_duration(timeout)));
}

void check_quorum(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  const QuorumTarget& quorum = experiment.target().quorum();
  const auto at_most = [&](const char* option, std::uint32_t value, std::uint32_t bound, const char* what) {
    if (value > bound)
      mistakes.add(places.find(fmt::format("target.options.{}", option)),
                   fmt::format("{} {} is more than the {} {}", option, value, bound, what));
  };
  at_most("replicas", quorum.replicas(), experiment.world().nodes(), "nodes of the world");
  at_most("reads", quorum.reads(), quorum.replicas(), "replicas");
  at_most("writes", quorum.writes(), quorum.replicas(), "replicas");
  if (quorum.sloppy() && quorum.mode() == QUORUM_MODE_ATOMIC)
    mistakes.add(places.find("target.options.sloppy"), "sloppy quorums are not for mode atomic");
  if (quorum.mode() == QUORUM_MODE_SIBLINGS && experiment.workload().register_().deletes() > 0)
    mistakes.add(places.find("workload.deletes"), "deletes are not for mode siblings");
}

void check_target(const Experiment& experiment, const ReadOptions& options, const Places& places, Mistakes& mistakes) {
  const Target& target = experiment.target();
  const auto found = options.bugs_known.find(kind_of(target));
  const std::vector<std::string> known = found == options.bugs_known.end() ? std::vector<std::string>() : found->second;
  if (target.has_raft()) {
    if (target.raft().members() > experiment.world().nodes())
      mistakes.add(places.find("target.options.members"),
                   fmt::format("members {} is more than the {} nodes of the world", target.raft().members(),
                               experiment.world().nodes()));
    check_raft(target.raft(), places, mistakes);
    check_bugs(target.raft(), known, places, mistakes);
  }
  if (target.has_quorum()) {
    check_quorum(experiment, places, mistakes);
    check_bugs(target.quorum(), known, places, mistakes);
  }
  if (!target.has_quorum() && !target.has_raft() && experiment.workload().register_().deletes() > 0)
    mistakes.add(places.find("workload.deletes"), fmt::format("target {} does not delete", kind_of(target)));
}

void check_workload(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  const Workload& workload = experiment.workload();
  if (from_proto(workload.attempt_timeout()) > from_proto(workload.timeout()))
    mistakes.add(places.find("workload.attempt_timeout"),
                 fmt::format("attempt_timeout {} is longer than timeout {}",
                             format_duration(from_proto(workload.attempt_timeout())),
                             format_duration(from_proto(workload.timeout()))));
  const auto nodes = node_names(host_counts(experiment));
  for (int i = 0; i < workload.near_size(); ++i) {
    const HostGroup& group = workload.near(i);
    if (group.hosts_size() == 0)
      mistakes.add(places.find(fmt::format("workload.near[{}]", i)), "a group of nodes is empty");
    for (int j = 0; j < group.hosts_size(); ++j)
      if (std::find(nodes.begin(), nodes.end(), group.hosts(j)) == nodes.end())
        mistakes.add(places.find(fmt::format("workload.near[{}][{}]", i, j)),
                     fmt::format("no node is called \"{}\"", group.hosts(j)));
  }
}

void check_dns(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  for (int i = 0; i < experiment.fault_size(); ++i) {
    if (!experiment.fault(i).has_net_dns()) continue;
    const NetDns& dns = experiment.fault(i).net_dns();
    const bool has_address = !dns.ipv4().empty() || !dns.ipv6().empty();
    if (has_address == (dns.answer() == NetDns::ANSWER_ADDRESS)) continue;
    const char* key = !has_address ? "answer" : dns.ipv4().empty() ? "ipv6" : "ipv4";
    mistakes.add(places.find(fmt::format("fault[{}].{}", i, key)),
                 has_address ? "addresses go with answer = \"address\"" : "answer = \"address\" needs ipv4 or ipv6");
  }
}

void check_delays(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  for (int i = 0; i < experiment.fault_size(); ++i) {
    if (!experiment.fault(i).has_net_delay()) continue;
    const NetDelay& delay = experiment.fault(i).net_delay();
    if (from_proto(delay.jitter()) > from_proto(delay.delay()))
      mistakes.add(places.find(fmt::format("fault[{}].jitter", i)),
                   fmt::format("jitter {} is more than delay {}", format_duration(from_proto(delay.jitter())),
                               format_duration(from_proto(delay.delay()))));
  }
}

// The hosts of a lab have one kernel, and it has one clock.
void check_system_clocks(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  if (experiment.world().kind() != WORLD_KIND_LAB) return;
  for (int i = 0; i < experiment.fault_size(); ++i) {
    if (!acts_on_system_clock(experiment.fault(i))) continue;
    mistakes.add(places.find(fmt::format("fault[{}].system", i)),
                 fmt::format("{} with `system` would set this machine's own clock: all hosts of a lab share it; leave "
                             "`system` out to shift the clock of the victim's processes",
                             kind_of(experiment.fault(i))));
  }
}

void check_checks(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  std::set<std::string> seen;
  bool linearizable = false;
  for (int i = 0; i < experiment.check_size(); ++i) {
    const Place& place = places.find(fmt::format("check[{}].kind", i));
    linearizable = linearizable || experiment.check(i).has_linearizable();
    const std::string kind = kind_of(experiment.check(i));
    if (!experiment.check(i).has_consistency() && !seen.insert(kind).second)
      mistakes.add(place, fmt::format("check {} is there twice", kind));
    if (experiment.check(i).has_raft() && !experiment.target().has_raft())
      mistakes.add(place, fmt::format("check raft needs target raft, not {}", kind_of(experiment.target())));
  }
  if (experiment.stop_on() == STOP_ON_VIOLATION && !linearizable)
    mistakes.add(places.find("stop_on"), "stop_on needs a check linearizable: no other looks while the run goes on");
}

}  // namespace

std::string kind_of(const FaultSpec& fault) {
  return kind_of_message(fault);
}
std::string kind_of(const Target& target) {
  return kind_of_message(target);
}
bool has_leader(const Target& target) {
  return rule_of_choice(target).leader();
}
std::string kind_of(const Workload& workload) {
  return kind_of_message(workload);
}
std::string kind_of(const CheckSpec& check) {
  return kind_of_message(check);
}
std::string kind_of(const ProbeSpec& probe) {
  return kind_of_message(probe);
}

const std::string* peers_of(const FaultSpec& fault) {
  const Part to = part_of(fault, "to", google::protobuf::FieldDescriptor::CPPTYPE_STRING);
  if (to.field == nullptr) return nullptr;
  std::string unused;  // Only for fields whose text is stored in another form.
  const std::string& text = to.fault->GetReflection()->GetStringReference(*to.fault, to.field, &unused);
  ensure(&text != &unused, "texts are stored as they are");
  return &text;
}

std::optional<Direction> direction_of(const FaultSpec& fault) {
  const Part part = part_of(fault, "direction", google::protobuf::FieldDescriptor::CPPTYPE_ENUM);
  if (part.field == nullptr || part.field->enum_type() != Direction_descriptor()) return std::nullopt;
  return static_cast<Direction>(part.fault->GetReflection()->GetEnumValue(*part.fault, part.field));
}

const NetFlows* flows_of(const FaultSpec& fault) {
  const Part flows = part_of(fault, "flows", google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE);
  if (flows.field == nullptr || flows.field->message_type() != NetFlows::descriptor()) return nullptr;
  // Safe: the descriptor says so, and every message of our vocabulary is generated code.
  return &static_cast<const NetFlows&>(flows.fault->GetReflection()->GetMessage(*flows.fault, flows.field));
}

const ProcessSelector* processes_of(const FaultSpec& fault) {
  const Part part = part_of(fault, "processes", google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE);
  if (part.field == nullptr || part.field->message_type() != ProcessSelector::descriptor() ||
      !part.fault->GetReflection()->HasField(*part.fault, part.field))
    return nullptr;
  return &static_cast<const ProcessSelector&>(part.fault->GetReflection()->GetMessage(*part.fault, part.field));
}

const ProcessSelector* senders_of(const FaultSpec& fault) {
  const NetFlows* flows = flows_of(fault);
  return flows != nullptr && flows->has_senders() ? &flows->senders() : nullptr;
}

bool may_choose_processes(const FaultSpec& fault) {
  return part_of(fault, "processes", google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE).field != nullptr;
}

bool acts_on_system_clock(const FaultSpec& fault) {
  const Part system = part_of(fault, "system", google::protobuf::FieldDescriptor::CPPTYPE_BOOL);
  return system.field != nullptr && system.fault->GetReflection()->GetBool(*system.fault, system.field);
}

bool acts_on_target(const FaultSpec& fault) {
  if (processes_of(fault) != nullptr || senders_of(fault) != nullptr || acts_on_system_clock(fault)) return false;
  if (fault.has_net_connect()) return true;
  if (fault.has_net_dns()) return !fault.net_dns().whole_host();
  const NetFlows* flows = flows_of(fault);
  return flows == nullptr || flows->target_only();
}

void complete_faults(Experiment& experiment) {
  for (FaultSpec& fault : *experiment.mutable_fault())
    if (fault.on().empty() && !fault.has_net_partition()) fault.set_on("all");
  name_after_kind(*experiment.mutable_fault());
}

void complete_probes(Experiment& experiment) {
  name_after_kind(*experiment.mutable_probe());
}

void check_experiment(const Experiment& experiment, const ReadOptions& options, const Places& places,
                      Mistakes& mistakes) {
  check_target(experiment, options, places, mistakes);
  check_workload(experiment, places, mistakes);
  check_delays(experiment, places, mistakes);
  check_dns(experiment, places, mistakes);
  check_all_flows(experiment, places, mistakes);
  check_limits(experiment, places, mistakes);
  check_signals(experiment, places, mistakes);
  check_system_clocks(experiment, places, mistakes);
  check_processes(experiment, places, mistakes);
  check_checks(experiment, places, mistakes);
  if (!check_world(experiment, places, mistakes)) return;  // it has no hosts to judge selections by
  check_probes(experiment, places, mistakes);
  const bool referenced = check_references(experiment, places, mistakes);
  if (referenced) check_schedule(experiment, places, mistakes);
  if (referenced) check_changes(experiment, places, mistakes);
  if (check_victims(experiment, places, mistakes) && referenced) check_conflicts(experiment, places, mistakes);
}

}  // namespace fracas::model
