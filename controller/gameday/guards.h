#pragma once
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace fracas::model {
class ProbeSpec;
}

// Guards of a game day: probes without which it does not go on.
namespace fracas::controller::gameday {

using Guards = std::vector<model::ProbeSpec>;

// Why a probe cannot be a guard, each with the key at fault ("" for the whole): it looks at a workload or from a host,
// or asks for what only an experiment has. Pure.
struct GuardMistake {
  std::string key;
  std::string what;
};
std::vector<GuardMistake> guard_mistakes(const model::ProbeSpec& guard);

// The guards of a plan's text. REQUIRES: read_plan takes it.
Guards guards_of(const std::string& plan_text);
// "checkout: GET http://10.0.0.7/health, before each experiment and every 1s while it runs".
std::string describe_guard(const model::ProbeSpec& guard);

// Measures those that count before an experiment, side by side, each until it passes or has failed as often in a row as
// it may not. One sentence for each that failed; nothing where `stopping` came first. Thread: any, waits.
std::vector<std::string> failed_before(const Guards& guards, std::stop_token stopping);

// Measures those that count while an experiment runs, each on a thread of its own, from its construction to its
// destruction, which ends measurements that are under way.
class GuardWatch {
 public:
  // Told once, by the first that failed as often in a row as it may not, on that guard's thread.
  using Failed = std::function<void(const std::string& sentence)>;
  GuardWatch(const Guards& guards, Failed failed);

 private:
  void tell(const std::string& sentence);

  const Failed failed_;
  std::once_flag told_;
  std::vector<std::jthread> threads_;  // last: they end before the rest does
};

}  // namespace fracas::controller::gameday
