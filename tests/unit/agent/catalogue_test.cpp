// A new fault is a message, a file, a line of the catalogue, a case of the planner and an experiment. These tests name
// what is missing.
#include "agent/catalogue.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "agent/order.h"
#include "agent/undo.h"
#include "controller/plan/resolve.h"
#include "controller/plan/timeline.h"
#include "lib/model/agent.pb.h"
#include "lib/model/catalogue.h"
#include "lib/model/effect_words.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/options.pb.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

using namespace fracas;

namespace {

const google::protobuf::OneofDescriptor& kinds_of_experiments() {
  return *model::FaultSpec::descriptor()->FindOneofByName("kind");
}

std::string name_of(const google::protobuf::FieldDescriptor& member) {
  return member.message_type()->options().GetExtension(model::message).kind();
}

std::vector<std::string> every_kind() {
  std::vector<std::string> names;
  for (int i = 0; i < kinds_of_experiments().field_count(); ++i)
    names.push_back(name_of(*kinds_of_experiments().field(i)));
  return names;
}

// experiments/faults/net-delay.toml shows net.delay.
std::filesystem::path experiment_of(std::string kind) {
  std::replace(kind.begin(), kind.end(), '.', '-');
  return std::filesystem::path(fracas::tests::source_dir()) / "experiments/faults" / (kind + ".toml");
}

std::map<std::string, controller::HostAddresses> addresses(const std::vector<std::string>& hosts) {
  std::map<std::string, controller::HostAddresses> all;
  for (const std::string& host : hosts) all[host] = {"192.0.2.1", "2001:db8::1"};
  return all;
}

}  // namespace

TEST_CASE("catalogue: an injection can hold every fault of an experiment, under the same number", "[unit][agent]") {
  const auto* injections = model::Injection::descriptor()->FindOneofByName("kind");
  CHECK(injections->field_count() == kinds_of_experiments().field_count());
  for (int i = 0; i < kinds_of_experiments().field_count(); ++i) {
    const auto* spec = kinds_of_experiments().field(i);
    CAPTURE(spec->name());
    const auto* wire = model::Injection::descriptor()->FindFieldByNumber(spec->number());
    REQUIRE(wire != nullptr);
    CHECK(wire->containing_oneof() == injections);
    CHECK(wire->message_type() == spec->message_type());
    CHECK(wire->name() == spec->name());
  }
}

TEST_CASE("catalogue: the agent knows every kind, completely, in the order of the model", "[unit][agent]") {
  std::vector<std::string> known;
  for (const agent::FaultKind* kind : agent::catalogue()) {
    CAPTURE(kind->name);
    known.emplace_back(kind->name);
    CHECK(kind->check != nullptr);
    CHECK(kind->prepare != nullptr);
    CHECK(kind->undo != nullptr);
    CHECK(kind->probe != nullptr);
    CHECK(agent::find_kind(kind->name) == kind);
  }
  CHECK(known == every_kind());
  CHECK(agent::find_kind("net.gravity") == nullptr);
}

TEST_CASE("catalogue: every kind is documented, with an example and what its counters count", "[unit][agent]") {
  std::set<std::string> documented;
  for (const model::KindDoc& doc : model::kinds(model::Section::fault)) {
    CAPTURE(doc.kind);
    documented.insert(doc.kind);
    CHECK_FALSE(doc.doc.empty());
    CHECK_FALSE(doc.counters.empty());
    const auto words = model::effect_words(doc.kind);
    CHECK_FALSE(words.verb.empty());
    CHECK_FALSE(words.thing.empty());
    CHECK(doc.example.find("kind") != std::string::npos);
  }
  for (const std::string& kind : every_kind()) {
    CAPTURE(kind);
    CHECK(documented.contains(kind));
  }
}

TEST_CASE("catalogue: every kind has an experiment, whose plan is what the agent accepts", "[unit][agent]") {
  for (const std::string& kind : every_kind()) {
    INFO(kind << ": " << experiment_of(kind));
    REQUIRE(std::filesystem::exists(experiment_of(kind)));
    const auto file = model::read_experiment(experiment_of(kind));
    INFO((file ? "" : file.error().message));
    REQUIRE(file);
    const auto timeline = controller::plan(*file, 1);
    INFO((timeline ? "" : timeline.error().message));
    REQUIRE(timeline);
    std::size_t shown = 0;
    for (const controller::PlannedFault& fault : timeline->planned) {
      const auto resolved = controller::resolve(file->experiment(), fault, timeline->hosts,
                                                {.leader = timeline->hosts.front(),
                                                 .old_leader = timeline->hosts.front(),
                                                 .most_lagging = timeline->hosts.front()},
                                                addresses(timeline->hosts), "node");
      INFO((resolved ? "" : resolved.error().message));
      REQUIRE(resolved);
      for (const auto& [host, injection] : resolved->injections) {
        const auto* found = agent::kind_of(*injection);
        REQUIRE(found != nullptr);
        CHECK(found->name == fault.kind);
        const auto accepted =
            agent::check_order({.id = fault.id, .injection = *injection, .lease = std::chrono::seconds(5)});
        INFO((accepted ? "" : accepted.error().message));
        CHECK(accepted);
        if (fault.kind == kind) ++shown;
      }
    }
    CHECK(shown > 0);
  }
}

TEST_CASE("catalogue: a record of an unknown kind is not taken for undone", "[unit][agent]") {
  agent::LedgerRecord record;
  record.id = "x";
  record.kind = "net.gravity";
  const auto undone = agent::undo_record(record, agent::KilledServices::leave);
  REQUIRE_FALSE(undone);
  CHECK(undone.error().message.find("net.gravity") != std::string::npos);
}
