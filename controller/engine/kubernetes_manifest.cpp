#include "controller/engine/kubernetes_manifest.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>

namespace fracas::controller::kubernetes {
namespace {

using nlohmann::json;

constexpr int kRetriesPerShare = 3;           // by Kubernetes itself, of pods that fail
constexpr int kForgottenAfterSeconds = 3600;  // where nobody removed it
constexpr const char* kIndexAnnotation = "batch.kubernetes.io/job-completion-index";

json labels_of(const HuntJob& job) {
  return {{"app.kubernetes.io/name", "fracas-hunt"}, {"app.kubernetes.io/instance", job.name}};
}

// A simulated hunt needs no right at all, and writes nothing.
json container_of(const HuntJob& job, const std::string& share) {
  return {{"name", "hunt"},
          {"image", job.image},
          {"args", task_words(job.task, "/hunt/experiment.toml", share, "-")},
          {"resources", {{"requests", {{"cpu", std::to_string(job.task.jobs)}, {"memory", "256Mi"}}}}},
          {"securityContext",
           {{"allowPrivilegeEscalation", false},
            {"readOnlyRootFilesystem", true},
            {"capabilities", {{"drop", json::array({"ALL"})}}}}},
          {"volumeMounts", json::array({{{"name", "experiment"}, {"mountPath", "/hunt"}, {"readOnly", true}}})}};
}

json pods_of(const HuntJob& job, const std::string& share) {
  constexpr int kNobody = 10001;
  return {{"metadata", {{"labels", labels_of(job)}}},
          {"spec",
           {{"restartPolicy", "Never"},
            {"automountServiceAccountToken", false},
            {"securityContext",
             {{"runAsNonRoot", true}, {"runAsUser", kNobody}, {"seccompProfile", {{"type", "RuntimeDefault"}}}}},
            {"containers", json::array({container_of(job, share)})},
            {"volumes", json::array({{{"name", "experiment"}, {"configMap", {{"name", job.name}}}}})}}}};
}

json job_of(const HuntJob& job, const std::string& name) {
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", {{"name", name}, {"labels", labels_of(job)}}},
          {"spec", {{"ttlSecondsAfterFinished", kForgottenAfterSeconds}}}};
}

std::optional<unsigned> number_in(const json& text) {
  if (!text.is_string()) return std::nullopt;
  const auto& word = text.get_ref<const std::string&>();
  unsigned number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

// A member of an object; null where there is none.
const json& member(const json& object, const char* name) {
  static const json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}

bool holds(const json& condition, const char* type) {
  return member(condition, "type") == type && member(condition, "status") == "True";
}

}  // namespace

std::string config_map(const HuntJob& job) {
  return json{{"apiVersion", "v1"},
              {"kind", "ConfigMap"},
              {"metadata", {{"name", job.name}, {"labels", labels_of(job)}}},
              {"data", {{"experiment.toml", job.experiment}}}}
      .dump(2);
}

std::string indexed_job(const HuntJob& job) {
  json object = job_of(job, job.name);
  object["spec"]["completionMode"] = "Indexed";
  object["spec"]["completions"] = job.task.shares;
  object["spec"]["parallelism"] = job.task.shares;
  object["spec"]["backoffLimit"] = kRetriesPerShare * job.task.shares;
  object["spec"]["template"] = pods_of(job, "$(JOB_COMPLETION_INDEX)");
  return object.dump(2);
}

std::string single_job(const HuntJob& job, const std::string& name, unsigned share) {
  json object = job_of(job, name);
  object["spec"]["backoffLimit"] = kRetriesPerShare;
  object["spec"]["template"] = pods_of(job, std::to_string(share));
  return object.dump(2);
}

std::string removal() {
  return json{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", "Background"}}.dump();
}

JobState job_state(const std::string& body) {
  const json object = json::parse(body, nullptr, false);
  if (member(object, "kind") != "Job") return JobState::unknown;
  const json& conditions = member(member(object, "status"), "conditions");
  if (!conditions.is_array()) return JobState::running;
  for (const json& condition : conditions)
    if (holds(condition, "Complete") || holds(condition, "Failed")) return JobState::ended;
  return JobState::running;
}

std::optional<std::vector<EndedPod>> ended_pods(const std::string& body) {
  const json object = json::parse(body, nullptr, false);
  const json& items = member(object, "items");
  if (!items.is_array()) return std::nullopt;
  std::vector<EndedPod> pods;
  for (const json& item : items) {
    const json& metadata = member(item, "metadata");
    const json& name = member(metadata, "name");
    if (member(member(item, "status"), "phase") != "Succeeded" || !name.is_string()) continue;
    const auto index = number_in(member(member(metadata, "annotations"), kIndexAnnotation));
    pods.push_back({.name = name.get<std::string>(), .index = index.value_or(0)});
  }
  return pods;
}

std::string record_in(const std::string& log) {
  std::string record;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("{")) record = line;
  return record;
}

}  // namespace fracas::controller::kubernetes
