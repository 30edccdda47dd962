#include "controller/engine/slurm_engine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <system_error>
#include <utility>

#include "controller/target/user_command.h"
#include "controller/world/log_tail.h"
#include "lib/os/command_output.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

// A task that left the queue without a record is asked after once more: a shared file system may be late.
constexpr unsigned kMissedMax = 3;
constexpr std::size_t kLogLines = 3;

class SlurmEngine final : public Engine {
 public:
  explicit SlurmEngine(SlurmOptions options) : options_(std::move(options)), missed_(options_.task.shares, 0) {}

  Status submit(const std::vector<unsigned>& shares) override {
    auto id = ask({"sbatch", "--parsable", "--array=" + array_of(shares), "--job-name=" + name(),
                   fmt::format("--cpus-per-task={}", options_.task.jobs), "--chdir=" + options_.folder.string(),
                   "--output=" + (options_.folder / "task-%a.log").string(), "--open-mode=append",
                   (options_.folder / "task.sh").string()});
    if (!id) return failure(std::move(id).error());
    for (const unsigned share : shares) missed_[share] = 0;
    running_.insert(shares.begin(), shares.end());
    return {};
  }

  Result<std::vector<TaskEnd>> ended() override {
    const auto listing = ask({"squeue", "--noheader", "--array", "--format=%K", "--name=" + name()});
    if (!listing) return failure(listing.error());
    const std::set<unsigned> queued = indices_in(*listing);
    std::vector<TaskEnd> ends;
    for (const unsigned share : running_)
      if (auto end = end_of(share, queued.contains(share))) ends.push_back(*std::move(end));
    for (const TaskEnd& end : ends) running_.erase(end.share);
    return ends;
  }

  Status clear() override {
    auto cancelled = ask({"scancel", "--quiet", "--name=" + name()});
    if (!cancelled) return failure(std::move(cancelled).error());
    running_.clear();
    std::error_code ignored;
    fs::remove(options_.folder / "fracas", ignored);
    return {};
  }

 private:
  // Of all jobs of this hunt, and of no other.
  std::string name() const { return options_.folder.filename().string(); }

  Result<std::string> ask(std::vector<std::string> argv) const {
    const fs::path said = options_.folder / "slurm.log";
    std::error_code ignored;
    fs::remove(said, ignored);
    auto answer = os::output_of_command({.argv = std::move(argv), .working_directory = {}, .errors = said});
    if (answer) return answer;
    return failure(answer.error().message + log_tail(said, kLogLines), answer.error().code);
  }

  std::optional<TaskEnd> end_of(unsigned share, bool queued) {
    const fs::path record = options_.folder / fmt::format("share-{}.json", share);
    if (const auto text = os::read_file(record)) {
      auto findings = findings_in(*text, options_.version);
      if (findings) return TaskEnd{.share = share, .findings = *std::move(findings)};
      std::error_code ignored;
      fs::remove(record, ignored);
      return TaskEnd{.share = share, .why = findings.error().message};
    }
    if (queued) missed_[share] = 0;
    if (queued || ++missed_[share] < kMissedMax) return std::nullopt;
    return TaskEnd{
        .share = share,
        .why = "it left no record" + log_tail(options_.folder / fmt::format("task-{}.log", share), kLogLines)};
  }

  const SlurmOptions options_;
  std::vector<unsigned> missed_;  // by share: how often in a row it was neither queued nor done
  std::set<unsigned> running_;
};

Status write_folder(const SlurmOptions& options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (!error) fs::copy_file(options.program, options.folder / "fracas", error);
  if (error) return failure(options.folder.string() + ": " + error.message(), error.value());
  if (auto written = os::write_file_durably(options.folder / "experiment.toml", options.experiment); !written)
    return written;
  constexpr unsigned kExecutable = 0755;
  return os::write_file_durably(options.folder / "task.sh", slurm_script(options.task), kExecutable);
}

}  // namespace

std::string array_of(const std::vector<unsigned>& shares) {
  std::vector<std::string> ranges;
  for (std::size_t i = 0; i < shares.size();) {
    std::size_t last = i;
    while (last + 1 < shares.size() && shares[last + 1] == shares[last] + 1) ++last;
    ranges.push_back(last == i ? std::to_string(shares[i]) : fmt::format("{}-{}", shares[i], shares[last]));
    i = last + 1;
  }
  return fmt::format("{}", fmt::join(ranges, ","));
}

std::set<unsigned> indices_in(const std::string& listing) {
  std::set<unsigned> indices;
  std::istringstream words(listing);
  for (std::string word; words >> word;) {
    unsigned index = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), index);
    if (error == std::errc() && end == word.data() + word.size()) indices.insert(index);
  }
  return indices;
}

std::string slurm_script(const HuntTask& task) {
  constexpr const char* kIndex = "$SLURM_ARRAY_TASK_ID";
  std::string text = "#!/bin/sh\nexec ./fracas";
  for (const std::string& word : task_words(task, "experiment.toml", kIndex, fmt::format("share-{}.json", kIndex)))
    text += " \"" + word + "\"";
  return text + "\n";
}

Result<std::unique_ptr<Engine>> slurm_engine(const SlurmOptions& options) {
  for (const char* program : {"sbatch", "squeue", "scancel"})
    if (auto found = find_program(program); !found) return failure(std::move(found).error());
  if (auto written = write_folder(options); !written) return failure(std::move(written).error());
  return std::make_unique<SlurmEngine>(options);
}

}  // namespace fracas::controller
