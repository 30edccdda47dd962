#include "controller/serve/run_messages.h"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>

#include "controller/store/database.h"
#include "lib/base/ensure.h"
#include "lib/model/api.pb.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

constexpr std::size_t kFilesMax = 500;

void fill_tally(api::Run& message, const LiveTally& tally, bool hide_faults) {
  const auto until = [&](double end_ms) { return end_ms < 0 ? tally.last_ms() : end_ms; };
  for (const LiveTally::Phase& phase : tally.phases()) {
    api::Phase& added = *message.add_phases();
    added.set_name(phase.name);
    added.set_start_ms(phase.start_ms);
    added.set_end_ms(until(phase.end_ms));
  }
  if (hide_faults) return;
  for (const LiveTally::Fault& fault : tally.faults()) {
    api::RunFault& added = *message.add_faults();
    added.set_name(fault.name);
    added.set_kind(fault.kind);
    added.set_start_ms(fault.start_ms);
    added.set_end_ms(until(fault.end_ms));
    for (const std::string& victim : fault.victims) added.add_victims(victim);
    for (const auto& [what, much] : fault.counted) (*added.mutable_counted())[what] = much;
  }
}

// The checks of the run's verdict.json; none while it is not written.
void fill_checks(api::Run& message, const std::filesystem::path& run_folder) {
  const auto text = os::read_file(run_folder / "verdict.json");
  if (!text) return;
  const auto verdict = nlohmann::json::parse(*text, nullptr, false);
  if (!verdict.is_object()) return;
  for (const auto& check : verdict.value("checks", nlohmann::json::array())) {
    api::RunCheck& added = *message.add_checks();
    added.set_name(check.value("kind", ""));
    added.set_verdict(check.value("verdict", ""));
    added.set_text(check.value("summary", ""));
  }
}

}  // namespace

void fill(api::RunSummary& message, const StoredRun& run) {
  message.set_id(run.id);
  const bool hides = run.blind && run.state != RunState::done;
  message.set_name(hides ? run.gameday : run.name);
  if (!hides) message.set_doc(run.doc);
  if (!hides) message.set_file(run.file);
  message.set_world(run.world);
  message.set_target(run.target);
  message.set_seed(std::to_string(run.seed));
  message.set_state(std::string(name(run.state)));
  message.set_verdict(run.verdict);
  message.set_as_expected(run.as_expected);
  message.set_headline(run.headline);
  message.set_started(run.started);
  message.set_ended(run.ended);
  message.set_by(run.by);
  message.set_gameday(run.gameday);
  message.set_ok(static_cast<double>(run.ok));
  message.set_fail(static_cast<double>(run.fail));
  message.set_info(static_cast<double>(run.info));
  message.set_p99_ms(run.p99_ms);
}

Status fill(api::Run& message, const std::string& id, const RunControl& runs, Database& database) {
  auto run = runs.find(id);
  if (!run) return failure(std::move(run).error());
  auto notes = run_notes(database, id);
  if (!notes) return failure(std::move(notes).error());
  fill(*message.mutable_summary(), *run);
  message.set_error(run->error);
  const auto live = runs.live(id);
  const bool hides = run->blind && run->state != RunState::done;
  fill_tally(message, live ? live->tally : read_tally(runs.folders().events(id)), hides);
  for (const RunNote& note : *notes) {
    api::Note& added = *message.add_notes();
    added.set_at_ms(note.at_ms);
    added.set_by(note.by);
    added.set_text(note.text);
  }
  if (hides) return {};
  fill_checks(message, runs.folders().run(id));
  for (std::string& file : files_below(runs.folders().run(id), kFilesMax)) message.add_files(std::move(file));
  return {};
}

std::string run_json(const api::Run& run) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  ensure(google::protobuf::util::MessageToJsonString(run, &text, options).ok(), "a message of ours has a JSON form");
  auto object = nlohmann::ordered_json::parse(text);
  nlohmann::ordered_json flat = std::move(object["summary"]);
  object.erase("summary");
  flat.update(object);
  return flat.dump() + "\n";
}

}  // namespace fracas::controller
