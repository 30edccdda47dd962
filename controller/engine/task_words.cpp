#include "controller/engine/task_words.h"

#include <fmt/format.h>

namespace fracas::controller {

std::vector<std::string> task_words(const HuntTask& task, const std::string& experiment, const std::string& share,
                                    const std::string& record) {
  std::vector<std::string> words{"hunt",         experiment,
                                 "--seed",       std::to_string(task.first_seed),
                                 "--universes",  std::to_string(task.universes),
                                 "--share",      fmt::format("{}/{}", share, task.shares),
                                 "--jobs",       std::to_string(task.jobs),
                                 "--violations", std::to_string(task.violations_max),
                                 "--record",     record};
  if (task.time_max) words.insert(words.end(), {"--time", format_duration(*task.time_max)});
  if (!task.guided) words.emplace_back("--unguided");
  if (task.shrink) words.emplace_back("--shrink");
  return words;
}

}  // namespace fracas::controller
