#include "controller/plan/timeline_json.h"

#include <nlohmann/json.hpp>

namespace fracas::controller {

std::string timeline_json(const Timeline& timeline) {
  nlohmann::ordered_json document;
  document["seed"] = timeline.seed;
  document["hosts"] = timeline.hosts;
  document["warmup_ns"] = timeline.warmup.count();
  document["faults_ns"] = timeline.faults.count();
  document["recover_ns"] = timeline.recover.count();
  auto& faults = document["faults"] = nlohmann::ordered_json::array();
  for (const PlannedFault& fault : timeline.planned) {
    nlohmann::ordered_json entry;
    entry["id"] = fault.id;
    entry["name"] = fault.name;
    entry["kind"] = fault.kind;
    entry["start_ns"] = (timeline.warmup + fault.start).count();
    entry["length_ns"] = fault.length.count();
    if (fault.victims.empty()) {
      entry["victims"] = nullptr;  // decided when it starts, by who leads then
    } else {
      entry["victims"] = fault.victims;
    }
    if (fault.awaited)
      entry["when"] = {{"event", model::to_text(fault.awaited->event)},
                       {"within_ns", fault.awaited->within.count()},
                       {"delay_ns", fault.awaited->delay.count()}};
    entry["description"] = fault.description;
    faults.push_back(std::move(entry));
  }
  return document.dump(2);
}

}  // namespace fracas::controller
