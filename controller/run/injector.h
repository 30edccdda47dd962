#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controller/plan/resolve.h"
#include "controller/plan/timeline.h"
#include "controller/plan/victims_bound.h"
#include "controller/run/abort.h"
#include "controller/run/happenings.h"
#include "controller/world/world.h"
#include "lib/model/effect.h"
#include "lib/model/experiment.h"

namespace fracas::controller {

// What just became of an occurrence of a fault: it acts, it is reverted, or it could not be injected.
enum class FaultMoment { armed, ended, failed };

struct InjectorOptions {
  const model::Experiment& experiment;
  const Timeline& timeline;
  World& world;
  Abort& abort;
  Duration lease{};
  std::int64_t faults_begin_ns = 0;                      // CLOCK_BOOTTIME at which the fault phase begins
  std::map<std::string, std::int64_t> clock_offsets_ns;  // by host: the agent's CLOCK_BOOTTIME minus ours
  // Who is what now. Called from many threads.
  std::function<Roles()> roles;
  Happenings& happenings;  // what faults wait for; their starts and ends are added
  // An agent cannot be reached. False: the run cannot go on without it. Called from many threads.
  std::function<bool(const std::string& host, const Error& error)> lose;
  // Which agents were lost before.
  std::function<bool(const std::string& host)> is_lost;
  // Tells people of it. Called from many threads.
  std::function<void(const model::FaultWindow&, FaultMoment)> tell;
};

// Injects the faults of a timeline, each at its time, on a thread of its own: resolve, prepare on every host, arm with
// one window, and revert at its end. If one host cannot, no host is touched and the run is aborted. An abort ends all
// at once.
class Injector {
 public:
  // All references in `options` outlive the injector.
  explicit Injector(InjectorOptions options);
  ~Injector() = default;  // waits for all faults

  // Waits until every fault is over and reverted, and returns what they did, by start.
  std::vector<model::FaultWindow> finish();

 private:
  void inject(const PlannedFault& fault);
  // When the fault is to start; nothing: it is not, and why stands in its description.
  std::optional<std::int64_t> start_of(const PlannedFault& fault, model::FaultWindow& window);
  void play(const PlannedFault& fault, const ResolvedFault& resolved, model::FaultWindow& window);
  void happen(model::RunEventKind kind, const model::FaultWindow& window, std::int64_t time_ns);
  void skip(model::FaultWindow window, const std::string& why);
  Result<ResolvedFault> resolve_now(const PlannedFault& fault, std::int64_t patience_ns) const;
  // Whether a call failed because the agent is gone, and the run goes on without it.
  bool does_without(const std::string& host, const Error& error) const;
  std::vector<std::string> without_lost(const std::vector<std::string>& hosts) const;
  Status prepare(const PlannedFault& fault, const ResolvedFault& resolved,
                 std::map<std::string, std::string>& mechanisms);
  Status arm(const std::string& id, const std::vector<std::string>& hosts, const model::FaultWindow& window);
  std::int64_t lead_ns(const std::vector<std::string>& hosts, std::int64_t least_ns) const;
  void revert(const std::vector<std::string>& hosts, model::FaultWindow& window);

  // False if too many hosts would be hit at once.
  bool claim(const PlannedFault& fault, const std::vector<std::string>& victims);
  void release(const PlannedFault& fault, const std::vector<std::string>& victims);

  InjectorOptions options_;
  std::map<std::string, HostAddresses> addresses_;
  std::mutex mutex_;
  Hits hits_;
  std::vector<model::FaultWindow> windows_;
  std::vector<std::jthread> threads_;
};

}  // namespace fracas::controller
