#include "controller/cli/divided_hunt.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>

#include "controller/engine/kubernetes_engine.h"
#include "controller/engine/slurm_engine.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

// Of the jobs, and of their folder below the one for what is caught.
std::string new_name() {
  return fmt::format("fracas-hunt-{:%Y%m%d-%H%M%S}-{}", fmt::localtime(std::time(nullptr)), ::getpid());
}

HuntTask task_of(const HuntCommand& command, std::uint64_t seed) {
  return {.first_seed = seed,
          .universes = command.universes,
          .shares = static_cast<unsigned>(std::min<std::uint64_t>(command.tasks, command.universes)),
          .jobs = std::max(1U, command.jobs),
          .violations_max = command.violations,
          .time_max = command.time,
          .guided = !command.unguided,
          .shrink = command.shrink};
}

Result<KubernetesAccess> access_of(const HuntCommand& command) {
  KubernetesAccess access = default_access();
  if (!command.kube_token.empty()) {
    auto token = os::read_file(command.kube_token);
    if (!token) return failure(std::move(token).error().message, EINVAL);
    access.identity.bearer_token = token->substr(0, token->find_last_not_of("\r\n") + 1);
  }
  if (!command.kube_ca.empty()) access.identity.authority = command.kube_ca;
  if (!command.kube_api.empty()) access.url = command.kube_api;
  if (!command.kube_namespace.empty()) access.space = command.kube_namespace;
  return access;
}

Result<std::unique_ptr<Engine>> engine_of(const HuntCommand& command, const HuntTask& task, std::string experiment) {
  const std::string name = new_name();
  const std::filesystem::path folder =
      std::filesystem::absolute(command.out.empty() ? "fracas-hunts" : command.out) / name;
  if (command.engine == "slurm")
    return slurm_engine({.task = task,
                         .experiment = std::move(experiment),
                         .version = FRACAS_VERSION,
                         .folder = folder,
                         .program = os::own_folder() / "fracas"});
  if (command.image.empty()) return failure("--engine kubernetes needs --image", EINVAL);
  auto access = access_of(command);
  if (!access) return failure(std::move(access).error());
  return kubernetes_engine(
      {.job = {.name = name, .experiment = std::move(experiment), .image = command.image, .task = task},
       .access = *std::move(access),
       .version = FRACAS_VERSION,
       .folder = folder});
}

}  // namespace

Result<Distributed> divided_hunt(const HuntCommand& command, const model::ExperimentFile& file, std::uint64_t seed,
                                 const std::function<bool()>& stop) {
  if (!command.share.empty() || !command.record.empty())
    return failure("--share and --record are for the tasks of an engine, not with --engine", EINVAL);
  const HuntTask task = task_of(command, seed);
  auto engine = engine_of(command, task, model::to_toml(file.experiment()));
  if (!engine) return failure(std::move(engine).error());
  DistributeOptions options;
  options.shares = task.shares;
  options.violations_max = command.violations;
  options.stop = stop;
  options.say = [](const std::string& line) { fmt::print(stderr, "fracas hunt: {}\n", line); };
  return distribute(**engine, options);
}

}  // namespace fracas::controller
