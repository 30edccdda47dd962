#pragma once
#include "lib/model/experiment.h"
#include "lib/model/mistake.h"

// What must hold between the keys of an experiment, beyond what each key's own rule says. Pure. Each function adds what
// it finds wrong, at the places of the keys.
namespace fracas::model {

// Names the faults that have none after their kind, made unique by "-2", "-3", …, and gives every fault but a
// net.partition that has no `on` the victims "all".
void complete_faults(Experiment& experiment);

// Names the probes that have no name likewise.
void complete_probes(Experiment& experiment);

// Everything. REQUIRES: complete_faults and complete_probes were called, and every single value is in its range.
void check_experiment(const Experiment& experiment, const ReadOptions& options, const Places& places,
                      Mistakes& mistakes);

// The parts of check_experiment.
// Unique names, `after` and `with`, windows in the fault phase, gaps of `every`. False if what refers to what is wrong.
bool check_references(const Experiment& experiment, const Places& places, Mistakes& mistakes);
// REQUIRES: check_references was true.
void check_schedule(const Experiment& experiment, const Places& places, Mistakes& mistakes);
// What a fleet needs and other worlds do not take; how large a lab may be.
bool check_world(const Experiment& experiment, const Places& places, Mistakes& mistakes);
// `processes` and `senders`, and what a fleet needs of them.
void check_processes(const Experiment& experiment, const Places& places, Mistakes& mistakes);
// The names of a fleet's hosts, which stand at `path`[i].name: each is there once and is no word of selections.
void check_names(const std::vector<std::string>& names, std::string_view path, const Places& places,
                 Mistakes& mistakes);
// `on`, `to`, `groups`, and safety.victims_max. False if a selection is wrong.
bool check_victims(const Experiment& experiment, const Places& places, Mistakes& mistakes);
// Ramps and pulses, and what faults wait for.
void check_changes(const Experiment& experiment, const Places& places, Mistakes& mistakes);
// Probes, safety.abort_when, and what needs a control arm.
void check_probes(const Experiment& experiment, const Places& places, Mistakes& mistakes);
// Faults that cannot act together. REQUIRES: all of the above were right.
void check_conflicts(const Experiment& experiment, const Places& places, Mistakes& mistakes);

}  // namespace fracas::model
