#include "controller/plan/scene.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "controller/plan/victims.h"
#include "lib/base/ensure.h"
#include "lib/model/agent.pb.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/process_selector.h"

namespace fracas::controller {

Result<std::set<std::string>> Scene::select(const std::string& text) {
  auto selection = model::parse_selection(text.empty() ? "all" : text, counts);
  if (!selection) return failure(std::move(selection).error());
  return select_hosts(*selection, counts, roles, random);
}

Result<PeerAddresses> Scene::other_end(const std::set<std::string>& peers) const {
  const model::NetFlows* flows = model::flows_of(spec());
  if (flows != nullptr && flows->prefixes_size() > 0)
    return PeerAddresses::named({flows->prefixes().begin(), flows->prefixes().end()});
  return PeerAddresses::of(peers, addresses);
}

// Both messages have a oneof `kind` of the same messages under the same numbers; a test compares them.
std::unique_ptr<model::Injection> injection_for(const Scene& scene, const std::string& host) {
  const model::FaultSpec& spec = scene.spec();
  auto injection = std::make_unique<model::Injection>();
  const auto* from = spec.GetReflection()->GetOneofFieldDescriptor(spec, spec.GetDescriptor()->FindOneofByName("kind"));
  ensure(from != nullptr, "the reader refuses a fault without a kind");
  const auto* to = injection->GetDescriptor()->FindFieldByNumber(from->number());
  ensure(to != nullptr && to->message_type() == from->message_type(), "Injection has every kind of FaultSpec");
  injection->GetReflection()
      ->MutableMessage(injection.get(), to)
      ->CopyFrom(spec.GetReflection()->GetMessage(spec, from));
  injection->mutable_scope()->set_seed(RandomStream(scene.fault.seed, host).next());
  injection->mutable_scope()->set_common_seed(RandomStream(scene.fault.seed, "common").next());
  return injection;
}

std::string joined(const std::set<std::string>& names) {
  return fmt::format("{}", fmt::join(names, " "));
}

Result<ResolvedFault> resolve_service(Scene& scene, const std::string& what) {
  auto victims = scene.select(scene.spec().on());
  if (!victims) return failure(std::move(victims).error());
  ResolvedFault resolved;
  const model::ProcessSelector* chosen = model::processes_of(scene.spec());
  resolved.description = chosen == nullptr
                             ? fmt::format("{} {}", what, joined(*victims))
                             : fmt::format("{} {}: {}", what, joined(*victims), describe_selector(*chosen));
  for (const std::string& victim : *victims) {
    auto injection = injection_for(scene, victim);
    if (model::acts_on_target(scene.spec())) injection->mutable_scope()->add_services(scene.service);
    resolved.add(victim, std::move(injection));
  }
  return resolved;
}

}  // namespace fracas::controller
