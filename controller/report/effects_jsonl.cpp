#include "controller/report/effects_jsonl.h"

#include <fmt/format.h>

#include <istream>
#include <nlohmann/json.hpp>
#include <utility>

namespace fracas::controller {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json effect_to_json(const model::HostEffect& effect) {
  ordered_json object;
  object["host"] = effect.host;
  object["mechanism"] = effect.mechanism;
  object["matched"] = effect.counters.matched;
  object["affected"] = effect.counters.affected;
  object["bytes"] = effect.counters.bytes;
  object["first"] = effect.counters.first_ns;
  object["last"] = effect.counters.last_ns;
  if (!effect.processes.empty()) object["processes"] = effect.processes;
  return object;
}

// Reads members of one object and remembers the first that has the wrong type.
struct Members {
  const json& object;
  std::string wrong;

  std::string text(const char* member) {
    const auto found = object.find(member);
    if (found == object.end()) return {};
    if (found->is_string()) return found->get<std::string>();
    complain(member, "a text");
    return {};
  }

  std::uint64_t count(const char* member) {
    const auto found = object.find(member);
    if (found == object.end()) return 0;
    if (found->is_number_unsigned()) return found->get<std::uint64_t>();
    complain(member, "a whole number from 0");
    return 0;
  }

  std::int64_t time(const char* member) {
    const auto found = object.find(member);
    if (found == object.end()) return 0;
    if (found->is_number_integer()) return found->get<std::int64_t>();
    complain(member, "a whole number of nanoseconds");
    return 0;
  }

  void complain(const char* member, const char* what) {
    if (wrong.empty()) wrong = fmt::format("\"{}\" is not {}", member, what);
  }
};

// ERRORS: it is anything but a list of texts.
Status processes_from_json(const json& list, model::HostEffect& effect) {
  if (!list.is_array()) return failure("\"processes\" is not a list");
  for (const json& process : list) {
    if (!process.is_string()) return failure("\"processes\" holds something other than texts");
    effect.processes.push_back(process.get<std::string>());
  }
  return {};
}

Result<model::HostEffect> effect_from_json(const json& object) {
  if (!object.is_object()) return failure("\"effects\" holds something other than objects");
  Members members{object, {}};
  model::HostEffect effect{.host = members.text("host"),
                           .mechanism = members.text("mechanism"),
                           .counters = {.matched = members.count("matched"),
                                        .affected = members.count("affected"),
                                        .bytes = members.count("bytes"),
                                        .first_ns = members.time("first"),
                                        .last_ns = members.time("last")}};
  if (!members.wrong.empty()) return failure(std::move(members.wrong));
  if (const auto processes = object.find("processes"); processes != object.end())
    if (auto read = processes_from_json(*processes, effect); !read) return failure(std::move(read).error());
  return effect;
}

// Pairs of texts. ERRORS: it is anything else.
Status links_from_json(const json& list, model::FaultWindow& fault) {
  if (!list.is_array()) return failure("\"links\" is not a list");
  for (const json& link : list) {
    if (!link.is_array() || link.size() != 2 || !link[0].is_string() || !link[1].is_string())
      return failure("\"links\" holds something other than pairs of hosts");
    fault.links.emplace_back(link[0].get<std::string>(), link[1].get<std::string>());
  }
  return {};
}

}  // namespace

std::string to_json_line(const model::FaultWindow& fault) {
  ordered_json object;
  object["id"] = fault.id;
  object["name"] = fault.name;
  object["kind"] = fault.kind;
  object["description"] = fault.description;
  object["start"] = fault.start_ns;
  object["end"] = fault.end_ns;
  if (!fault.trigger.empty()) {
    object["trigger"] = fault.trigger;
    object["trigger_time"] = fault.trigger_ns;
  }
  object["effects"] = ordered_json::array();
  for (const model::HostEffect& effect : fault.effects) object["effects"].push_back(effect_to_json(effect));
  if (!fault.links.empty()) object["links"] = fault.links;
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<model::FaultWindow> parse_fault_window(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return failure("not a JSON object");
  Members members{object, {}};
  model::FaultWindow fault;
  fault.id = members.text("id");
  fault.name = members.text("name");
  fault.kind = members.text("kind");
  fault.description = members.text("description");
  fault.start_ns = members.time("start");
  fault.end_ns = members.time("end");
  fault.trigger = members.text("trigger");
  fault.trigger_ns = members.time("trigger_time");
  if (!members.wrong.empty()) return failure(std::move(members.wrong));
  if (fault.id.empty()) return failure("\"id\" is missing");
  if (fault.end_ns < fault.start_ns) return failure("\"end\" is before \"start\"");
  if (const auto links = object.find("links"); links != object.end())
    if (auto read = links_from_json(*links, fault); !read) return failure(std::move(read).error());
  const auto effects = object.find("effects");
  if (effects == object.end()) return fault;
  if (!effects->is_array()) return failure("\"effects\" is not a list");
  for (const json& item : *effects) {
    auto effect = effect_from_json(item);
    if (!effect) return failure(std::move(effect).error());
    fault.effects.push_back(std::move(*effect));
  }
  return fault;
}

std::string write_effects(const std::vector<model::FaultWindow>& faults) {
  std::string content;
  for (const model::FaultWindow& fault : faults) content += to_json_line(fault) + '\n';
  return content;
}

Result<std::vector<model::FaultWindow>> read_effects(std::istream& in) {
  std::vector<model::FaultWindow> faults;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    auto fault = parse_fault_window(line);
    if (!fault) return failure(std::move(fault).error().context(fmt::format("line {}", number)));
    faults.push_back(std::move(*fault));
  }
  return faults;
}

}  // namespace fracas::controller
