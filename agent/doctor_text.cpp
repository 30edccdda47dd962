#include "agent/doctor_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace fracas::agent {

std::string doctor_table(const std::vector<FaultSupport>& faults) {
  std::size_t kind_width = 5, mechanism_width = 9, working = 0;
  for (const FaultSupport& fault : faults) {
    kind_width = std::max(kind_width, fault.kind.size());
    mechanism_width = std::max(mechanism_width, fault.mechanism.size());
    if (fault.available) ++working;
  }
  const auto line = [&](std::string_view kind, std::string_view mechanism, std::string_view rest) {
    return fmt::format("{:<{}}  {:<{}}  {}\n", kind, kind_width, mechanism, mechanism_width, rest);
  };
  std::string text = line("fault", "mechanism", "accuracy, or what is missing");
  for (const FaultSupport& fault : faults)
    text += fault.available ? line(fault.kind, fault.mechanism, fault.accuracy)
                            : line(fault.kind, "-", "missing: " + fault.missing);
  return text + fmt::format("{} of {} faults work on this host.\n", working, faults.size());
}

std::string doctor_json(const std::vector<FaultSupport>& faults) {
  nlohmann::json list = nlohmann::json::array();
  for (const FaultSupport& fault : faults)
    list.push_back({{"kind", fault.kind},
                    {"available", fault.available},
                    {"mechanism", fault.mechanism},
                    {"accuracy", fault.accuracy},
                    {"missing", fault.missing}});
  return nlohmann::json{{"faults", list}}.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace fracas::agent
