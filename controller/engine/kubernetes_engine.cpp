#include "controller/engine/kubernetes_engine.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "controller/target/http_client.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;
using kubernetes::JobState;

constexpr Duration kAnswerWithin = std::chrono::seconds(10);

class KubernetesEngine final : public Engine {
 public:
  explicit KubernetesEngine(KubernetesOptions options)
      : options_(std::move(options)), api_(options_.access.url, options_.access.identity) {}

  Status submit(const std::vector<unsigned>& shares) override {
    if (jobs_.empty()) return submit_all();
    for (const unsigned share : shares)
      if (auto submitted = submit_again(share); !submitted) return submitted;
    return {};
  }

  Result<std::vector<TaskEnd>> ended() override {
    for (auto& [name, shares] : jobs_) {
      if (shares.empty()) continue;
      if (auto asked = ask_job(name, shares); !asked) return failure(std::move(asked).error());
    }
    return std::exchange(ends_, {});
  }

  Status clear() override {
    Status outcome;
    for (const auto& [name, shares] : jobs_)
      if (auto removed = remove(jobs() + "/" + name); !removed) outcome = std::move(removed);
    if (auto removed = remove(core() + "/configmaps/" + options_.job.name); !removed) outcome = std::move(removed);
    for (auto& [name, shares] : jobs_) shares.clear();
    return outcome;
  }

 private:
  // The shares that a Job has not told of yet, by completion index.
  using Shares = std::map<unsigned, unsigned>;

  std::string core() const { return "/api/v1/namespaces/" + options_.access.space; }
  std::string jobs() const { return "/apis/batch/v1/namespaces/" + options_.access.space + "/jobs"; }

  Status submit_all() {
    const std::string map = kubernetes::config_map(options_.job);
    const std::string job = kubernetes::indexed_job(options_.job);
    if (auto made = create(core() + "/configmaps", "configmap.json", map); !made) return made;
    Shares& shares = jobs_[options_.job.name];
    if (auto made = create(jobs(), "job.json", job); !made) return made;
    for (unsigned i = 0; i < options_.job.task.shares; ++i) shares[i] = i;
    return {};
  }

  Status submit_again(unsigned share) {
    const std::string name = fmt::format("{}-{}", options_.job.name, ++again_);
    const std::string job = kubernetes::single_job(options_.job, name, share);
    if (auto made = create(jobs(), name + ".json", job); !made) return made;
    jobs_[name][0] = share;
    return {};
  }

  Status create(const std::string& path, const std::string& file, const std::string& object) {
    if (auto written = os::write_file_durably(options_.folder / file, object + "\n"); !written) return written;
    const auto reply = api_.request(path, object, kAnswerWithin);
    if (!reply) return failure(options_.access.url + path + ": " + reply.error().error);
    if (reply->status >= 300)
      return failure(fmt::format("{}: {} {}", path, reply->status, kubernetes::complaint_in(reply->body)));
    return {};
  }

  // The body of what is there; nothing where it is not, or no longer.
  Result<std::optional<std::string>> get(const std::string& path) {
    auto reply = api_.request(path, "", kAnswerWithin);
    if (!reply) return failure(options_.access.url + path + ": " + reply.error().error);
    if (reply->status == 404 || reply->status == 410) return std::nullopt;
    if (reply->status >= 300)
      return failure(fmt::format("{}: {} {}", path, reply->status, kubernetes::complaint_in(reply->body)));
    return std::move(reply->body);
  }

  Status remove(const std::string& path) {
    const auto reply = api_.remove(path, kubernetes::removal(), kAnswerWithin);
    if (!reply) return failure(path + ": " + reply.error().error);
    if (reply->status >= 300 && reply->status != 404)
      return failure(fmt::format("{}: {} {}", path, reply->status, kubernetes::complaint_in(reply->body)));
    return {};
  }

  // The Job is asked before its pods: when it had ended then, no pod of it can end later.
  Status ask_job(const std::string& name, Shares& shares) {
    auto job = get(jobs() + "/" + name);
    if (!job) return failure(std::move(job).error());
    const JobState state = *job ? kubernetes::job_state(**job) : JobState::ended;
    if (state == JobState::unknown) return failure(name + ": the API's answer is no Job");
    auto listing = get(core() + "/pods?labelSelector=job-name%3D" + name);
    if (!listing) return failure(std::move(listing).error());
    const auto pods = kubernetes::ended_pods(*listing ? **listing : "{\"items\":[]}");
    if (!pods) return failure(name + ": the API's answer is no list of pods");
    for (const kubernetes::EndedPod& pod : *pods)
      if (auto taken = take_record(pod, shares); !taken) return taken;
    if (state != JobState::ended) return {};
    for (const auto& [index, share] : shares)
      ends_.push_back({.share = share, .why = "the Job ended without a record of it"});
    shares.clear();
    return {};
  }

  Status take_record(const kubernetes::EndedPod& pod, Shares& shares) {
    const auto share = shares.find(pod.index);
    if (share == shares.end()) return {};
    auto log = get(core() + "/pods/" + pod.name + "/log?container=hunt");
    if (!log) return failure(std::move(log).error());
    auto findings = findings_in(kubernetes::record_in(*log ? **log : ""), options_.version);
    if (findings)
      ends_.push_back({.share = share->second, .findings = *std::move(findings)});
    else
      ends_.push_back({.share = share->second, .why = pod.name + ": " + findings.error().message});
    shares.erase(share);
    return {};
  }

  const KubernetesOptions options_;
  HttpClient api_;
  std::map<std::string, Shares> jobs_;  // by name
  std::vector<TaskEnd> ends_;           // found, and not told yet
  unsigned again_ = 0;
};

}  // namespace

Result<std::unique_ptr<Engine>> kubernetes_engine(const KubernetesOptions& options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) return failure(options.folder.string() + ": " + error.message(), error.value());
  return std::make_unique<KubernetesEngine>(options);
}

}  // namespace fracas::controller
