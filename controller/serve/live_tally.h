#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fracas::controller {

// What the live events of a run say of it so far. Pure. Thread: one at a time.
class LiveTally {
 public:
  struct Phase {
    std::string name;
    double start_ms = 0;
    double end_ms = -1;  // -1: it goes on
  };
  struct Fault {
    std::string name;
    std::string kind;
    double start_ms = 0;
    double end_ms = -1;  // -1: it acts
    std::vector<std::string> victims{};
    std::map<std::string, double> counted{};
  };

  // One line; what is no event of ours is passed over.
  void follow(std::string_view line);

  bool begun() const { return begun_; }
  bool ended() const { return !verdict_.empty(); }
  // No fault acts, and none will: it is in its recovery or was healed, or has ended.
  bool faults_over() const;
  std::size_t faults_acting() const { return acting_.size(); }

  const std::vector<Phase>& phases() const { return phases_; }
  const std::vector<Fault>& faults() const { return faults_; }
  std::uint64_t ok() const { return counts_[0]; }
  std::uint64_t fail() const { return counts_[1]; }
  std::uint64_t info() const { return counts_[2]; }
  // Of the operations that took effect, within a hundredth, by the samples the events hold; 0 of none.
  double p99_ms() const;
  double last_ms() const { return last_ms_; }  // of the last event
  const std::string& verdict() const { return verdict_; }
  const std::string& headline() const { return headline_; }
  int exit_code() const { return exit_code_; }

 private:
  void follow_phase(const nlohmann::json& event);
  void follow_fault(const nlohmann::json& event);
  void follow_operations(const nlohmann::json& event);

  bool begun_ = false;
  bool over_ = false;
  std::vector<Phase> phases_;
  std::vector<Fault> faults_;
  std::set<std::string> acting_;
  std::array<std::uint64_t, 3> counts_{};
  std::map<int, std::uint64_t> latencies_;  // how many by the logarithm of their latency
  double last_ms_ = 0;
  std::string verdict_;
  std::string headline_;
  int exit_code_ = 0;
};

// Of a run whose events are in that file.
LiveTally read_tally(const std::filesystem::path& path);

}  // namespace fracas::controller
