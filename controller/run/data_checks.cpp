#include "controller/run/data_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "checker/catalogue.h"
#include "controller/probe/probe.h"
#include "controller/target/target.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

struct Question {
  const checker::ModelKind* model = nullptr;
  checker::Request request;
};

Result<Question> question_of(const model::Experiment& experiment, const model::CheckSpec& spec) {
  std::string_view name = model_of(experiment.workload());
  Question question;
  checker::Request& request = question.request;
  if (spec.has_linearizable()) {
    request.level = "linearizable";
    request.budget.configurations_per_key = spec.linearizable().configurations_max();
    request.budget.bytes_per_key = spec.linearizable().memory_max();
  } else {
    const model::ConsistencyCheck& check = spec.consistency();
    if (!check.model().empty()) name = check.model();
    request.level = check.level();
    request.budget.configurations_per_key = check.configurations_max();
    request.budget.bytes_per_key = check.memory_max();
    if (check.fail_is_mismatch()) request.fail = checker::FailMeans::mismatch;
    for (const std::string& each : check.parameters()) {
      const std::size_t equals = each.find('=');
      if (equals == std::string::npos) return failure(fmt::format("the parameter \"{}\" is not NAME=VALUE", each));
      request.parameters[each.substr(0, equals)] = each.substr(equals + 1);
    }
  }
  auto model = checker::find_model(name);
  if (!model) return failure(std::move(model).error());
  question.model = *model;
  return question;
}

}  // namespace

std::string_view model_of(const model::Workload& workload) {
  switch (workload.kind_case()) {
    case model::Workload::kRegister:
    case model::Workload::KIND_NOT_SET:
      break;
    case model::Workload::kCasRegister:
      return "cas-register";
    case model::Workload::kAppend:
    case model::Workload::kTxnAppend:
      return "list-append";
    case model::Workload::kTxnRegister:
      return "rw-register";
    case model::Workload::kSet:
      return "set";
    case model::Workload::kCounter:
    case model::Workload::kLock:
      return "counter";
    case model::Workload::kQueue:
      return "total-queue";
    case model::Workload::kUniqueIds:
      return "unique-ids";
    case model::Workload::kEcho:
      return "echo";
    case model::Workload::kLog:
      return "log";
    case model::Workload::kBank:
      return "bank";
  }
  return "register";
}

Status check_fits(const model::ExperimentFile& file) {
  const model::Experiment& experiment = file.experiment();
  const TargetKind& target = target_kind(experiment);
  const std::string workload = model::kind_of(experiment.workload());
  if (std::ranges::find(target.workloads, workload) == target.workloads.end())
    return failure(fmt::format("{}: target {} does not play workload {}, but {}", file.where("workload.kind"),
                               target.name, workload, fmt::join(target.workloads, ", ")));
  if (experiment.world().addresses() == model::ADDRESS_FAMILY_IPV6 && !target.ipv6)
    return failure(fmt::format("{}: target {} uses IPv4", file.where("world.addresses"), target.name));
  for (int i = 0; i < experiment.probe_size(); ++i)
    if (auto possible = check_probe(experiment.probe(i)); !possible)
      return failure(fmt::format("{}: {}", file.where(fmt::format("probe[{}]", i)), possible.error().message));
  for (int i = 0; i < experiment.check_size(); ++i) {
    const model::CheckSpec& spec = experiment.check(i);
    if (!spec.has_linearizable() && !spec.has_consistency()) continue;
    const auto question = question_of(experiment, spec);
    const auto judged = question ? checker::check({}, *question->model, question->request)
                                 : Result<checker::CheckResult>(failure(question.error()));
    if (!judged) return failure(fmt::format("{}: {}", file.where(fmt::format("check[{}]", i)), judged.error().message));
  }
  return {};
}

Result<checker::CheckResult> check_data(const model::Experiment& experiment, const model::CheckSpec& spec,
                                        const checker::History& history, std::span<const model::FaultWindow> faults) {
  auto question = question_of(experiment, spec);
  if (!question) return failure(std::move(question).error());
  question->request.faults = faults;
  return checker::check(history, *question->model, question->request);
}

}  // namespace fracas::controller
