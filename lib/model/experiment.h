#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/selection.h"

// From a user's TOML to a checked experiment. The message itself is in lib/model/experiment.pb.h, for those who need
// it.
namespace fracas::model {

class Experiment;
class Places;

// The value of an environment variable, if it is set.
std::optional<std::string> environment_variable(const std::string& name);

struct ReadOptions {
  // What `--set` says, "dotted.path=value", applied in this order before anything is checked.
  std::vector<std::string> overrides;
  // The names that each kind of target accepts in its option `bugs`; lib does not know the targets.
  std::map<std::string, std::vector<std::string>> bugs_known;
  // Finds the hosts of world.inventory, as TOML text of an inventory file; `beside` is the file that names it.
  // Nothing: experiments with an inventory are refused.
  std::function<Result<std::string>(const std::string& inventory, const std::string& beside)> inventory;
  // Who is asked for ${NAME} when [vars] has no NAME.
  std::function<std::optional<std::string>(const std::string&)> variable = environment_variable;
};

// A valid experiment, all defaults filled in, and where its parts stand in the file. Move-only.
//
// What holds beyond the ranges of the fields: every fault has a unique name; `after` and `with` name other faults
// without a cycle; first windows lie in the fault phase (see first_windows); selections fit the world; `on` is
// empty only for a net.partition that was given none, and "all" for other faults without one.
class ExperimentFile {
 public:
  ExperimentFile(std::unique_ptr<Experiment> experiment, std::unique_ptr<Places> places);
  ExperimentFile(ExperimentFile&&) noexcept;
  ExperimentFile& operator=(ExperimentFile&&) noexcept;
  ~ExperimentFile();

  const Experiment& experiment() const { return *experiment_; }
  // For what is drawn or chosen after reading: the seed.
  Experiment& experiment() { return *experiment_; }

  // "file:line:column" of a fault, counted from 0, or of one of its keys, for errors found later.
  std::string where(std::size_t fault, std::string_view key = {}) const;
  // The same of any dotted path: "workload.rate", "check[0]".
  std::string where(std::string_view path) const;

 private:
  std::unique_ptr<Experiment> experiment_;
  std::unique_ptr<Places> places_;
};

// Reads an experiment from a file. ERRORS: one line "file:line:column: message" a mistake, joined by newlines, in the
// order of the file; "file: message" if it cannot be read, or if it stands for several experiments. Nothing is touched.
Result<ExperimentFile> read_experiment(const std::string& path, const ReadOptions& options = {});
// The same of a file whose [matrix] stands for several experiments: all of them, the first path varying slowest. Their
// names end in what distinguishes them. Never empty.
Result<std::vector<ExperimentFile>> read_experiments(const std::string& path, const ReadOptions& options = {});
// The same of a text; `name` stands for the file in errors.
Result<ExperimentFile> read_experiment_text(std::string_view text, const std::string& name,
                                            const ReadOptions& options = {});

// The same of an experiment that a program made from one that was read: its errors have `name` for a place.
// REQUIRES: every single value is in its range, as the reader leaves them.
Result<ExperimentFile> check_experiment(Experiment experiment, const std::string& name, const ReadOptions& options);

// Reads a file that lists the hosts of a fleet, as [[host]] tables. ERRORS: as read_experiment; a name that is there
// twice.
class Inventory;
Result<Inventory> read_inventory_text(std::string_view text, const std::string& name);

// The experiment as canonical TOML, every default written out, [vars] and overrides resolved. Reading it again gives
// an equal message.
std::string to_toml(const Experiment& experiment);

// What a run needs beyond its phases, to set up and to tear down: duration_max is at least the phases plus this.
inline constexpr Duration kSetUpMargin = std::chrono::seconds(5);

// A probe's last measurement before the faults, and after them, ends this long before the phase does: then what follows
// is prepared.
inline constexpr Duration kProbeMargin = std::chrono::milliseconds(500);

// The first occurrence of a fault, from the beginning of the fault phase.
struct FirstWindow {
  Duration start{};
  Duration length{};
};

// When each fault first starts and how long one occurrence lasts: `for`; without it `restart_after`, for a
// process.kill with `every`; without both to the end of the fault phase. One with `when` starts at the earliest then.
// In the order of the faults.
// REQUIRES: a valid experiment.
std::vector<FirstWindow> first_windows(const Experiment& experiment);

// The hosts of the experiment's world.
HostCounts host_counts(const Experiment& experiment);

class FaultSpec;
class NetFlows;
enum Direction : int;
// The selection `to`, the flows and the direction of the fault's kind; nothing if the kind has none. Borrowed from the
// fault.
const std::string* peers_of(const FaultSpec& fault);
const NetFlows* flows_of(const FaultSpec& fault);
std::optional<Direction> direction_of(const FaultSpec& fault);
// Those it chooses itself, by `processes` or `senders`; null where it is not written. Borrowed from the fault.
class ProcessSelector;
const ProcessSelector* processes_of(const FaultSpec& fault);
const ProcessSelector* senders_of(const FaultSpec& fault);
// Whether its kind has `processes`.
bool may_choose_processes(const FaultSpec& fault);
// Whether its switch `system` is on: it acts on the machine's clock, not on processes.
bool acts_on_system_clock(const FaultSpec& fault);
// Whether it acts on the target's processes, which the agent must have started: it neither chooses others nor acts on
// the host, its clock or its packets.
bool acts_on_target(const FaultSpec& fault);

// The kind a user wrote: "net.delay", "raft", "cas-register".
class Target;
class Workload;
class CheckSpec;
class ProbeSpec;
std::string kind_of(const FaultSpec& fault);
std::string kind_of(const Target& target);
std::string kind_of(const Workload& workload);
std::string kind_of(const CheckSpec& check);
std::string kind_of(const ProbeSpec& probe);

// Whether one of the target's nodes leads, so that faults may name it.
bool has_leader(const Target& target);

}  // namespace fracas::model
