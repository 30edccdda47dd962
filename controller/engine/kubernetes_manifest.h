#pragma once
#include <optional>
#include <string>
#include <vector>

#include "controller/engine/task_words.h"

// A hunt as objects of Kubernetes, and what its API says of them. Pure; JSON, which kubectl takes, too.
// Source: Kubernetes API reference, ConfigMap v1, Job batch/v1 (completionMode "Indexed"), Pod v1.
namespace fracas::controller::kubernetes {

struct HuntJob {
  std::string name;        // of the Job and of its ConfigMap: a DNS label
  std::string experiment;  // canonical TOML
  std::string image;       // whose entry point is fracas
  HuntTask task;
};

// The experiment, from where all tasks read it.
std::string config_map(const HuntJob& job);
// A Job whose completion index is the number of the share.
std::string indexed_job(const HuntJob& job);
// A Job of one share, for one that was lost; `name` is its own, the ConfigMap that of `job`.
std::string single_job(const HuntJob& job, const std::string& name, unsigned share);
// The body of a request that removes a Job with its pods.
std::string removal();

// How a Job is, from what the API answers to a GET of it.
enum class JobState : std::uint8_t { running, ended, unknown };
JobState job_state(const std::string& body);

// A pod of a Job that succeeded.
struct EndedPod {
  std::string name;
  unsigned index = 0;  // its completion index; 0 of a Job that is not indexed
};
// From a list of pods. Nothing: it is no such list.
std::optional<std::vector<EndedPod>> ended_pods(const std::string& body);

// The last line of a pod's log that can be a record; empty: none.
std::string record_in(const std::string& log);

}  // namespace fracas::controller::kubernetes
