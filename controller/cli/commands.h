#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/quantity.h"

// What each subcommand of `fracas` does once its words have been read. Results go to stdout, all else to stderr; the
// return value is the program's exit code (run_record.h lists them).
namespace fracas::controller {

struct RunCommand {
  std::vector<std::string> files;
  std::string world;  // "lab", "sim", or empty: the experiment's own
  std::string seed;   // a number, "random", or empty: the experiment's own
  unsigned repeat = 1;
  std::vector<std::string> overrides;  // --set
  std::string out;                     // run directory; empty: fracas-runs/NAME-TIME
  bool quiet = false;
  std::string live;  // a file, or the number of a descriptor, for live events; empty: none
};
int run_command(const RunCommand& command);

struct GateCommand {
  std::vector<std::string> files;
  std::string world;  // as for RunCommand
  std::string seed;
  std::vector<std::string> overrides;
  std::string baseline;        // the file to hold the runs against; empty: only checks count
  std::string write_baseline;  // where to write what was measured; empty: nowhere. So for the next three.
  std::string junit;
  std::string sarif;
  std::string markdown;
  bool annotations = false;  // GitHub's, on stdout
  unsigned runs = 3;         // as GateOptions
  unsigned control = 3;
  unsigned retries = 4;
  double alpha = 0.05;
  double tolerance = 0.10;
  std::string out;  // folder of the runs; empty: fracas-runs/gate-TIME
};
int gate_command(const GateCommand& command);

struct HuntCommand {
  std::string file;
  std::string seed;                    // of the first universe, as for RunCommand
  std::vector<std::string> overrides;  // --set
  std::uint64_t universes = 1000;
  std::optional<Duration> time;
  unsigned jobs = 0;  // 0: one a processor
  unsigned violations = 1;
  bool unguided = false;
  bool shrink = false;
  std::string out;     // folder for what was caught; empty: fracas-hunts
  std::string share;   // "2/10": only these seeds; empty: all
  std::string record;  // file for what was found, as JSON, instead of `out`; "-" is stdout
  std::string engine;  // "slurm", "kubernetes"; empty: this process
  unsigned tasks = 10;
  std::string image;     // of the tasks on Kubernetes
  std::string kube_api;  // empty: as default_access() says; the others, too
  std::string kube_namespace;
  std::string kube_token;  // file
  std::string kube_ca;     // file
};
int hunt_command(const HuntCommand& command);

// Part `index` of `of`, from 0 on.
struct Part {
  unsigned index = 0;
  unsigned of = 1;
};
// "2/10", as --share takes it; nothing: it is none.
std::optional<Part> part_of(const std::string& text);

struct ClassifyCommand {
  std::string subject;  // an experiment's file, or a target's kind
  std::string world;    // as for RunCommand
  std::string seed;
  std::vector<std::string> overrides;
  unsigned runs = 0;  // of each trial; 0: five in sim, one in the lab
  std::string out;    // folder for the runs and the results; empty: fracas-runs/classify-TIME
  bool json = false;
};
int classify_command(const ClassifyCommand& command);

struct BugsCommand {
  std::vector<std::string> names;  // empty: all
  bool list = false;               // describe them instead
  std::string experiments = "experiments";
  unsigned hunts = 5;  // for a bug and an experiment
  std::uint64_t universes = 2000;
  std::optional<Duration> time;
  std::optional<Duration> shrink_time;  // for one violation; 0: none is shrunk
  unsigned lab = 0;                     // runs in the lab for a bug, at most
  std::optional<Duration> lab_time;     // no run for a bug begins later
  std::uint64_t sound = 0;              // universes without a bug
  unsigned jobs = 0;                    // 0: one a processor
};
int bugs_command(const BugsCommand& command);

struct PlanCommand {
  std::string file;
  std::string world;  // as for RunCommand
  std::string seed;
  std::vector<std::string> overrides;
  bool json = false;
};
int plan_command(const PlanCommand& command);

struct ValidateCommand {
  std::vector<std::string> files;
  std::vector<std::string> overrides;
};
int validate_command(const ValidateCommand& command);

// The JSON Schema of experiments, for editors.
// `what`: "experiment" or "gameday".
int schema_command(const std::string& what);

struct CheckCommand {
  std::string history;                  // a history in any format of checker/readers, "-" for stdin, or a run directory
  std::string model;                    // a name of checker/catalogue.h, or a file FILE.toml (transition_file.h); empty
                                        // for a run directory: its own
  std::string level;                    // empty: the model's first
  std::string fail;                     // did-not-happen, mismatch, or empty: what the format means by it
  std::string format;                   // a name of checker/readers/format.h, or empty: found by the content
  std::vector<std::string> parameters;  // NAME=VALUE
  std::string svg;                      // the file for a violation's picture, or empty
  std::string witness;                  // file for the orders that prove what is linearizable; empty: none
  unsigned threads = 0;                 // 0: as many as the machine has cores
  double seconds_max = 0;               // for the search of all keys together; 0: no limit
  std::uint64_t configurations_max = 5'000'000;  // of one key's search
  std::uint64_t memory_max_mib = 512;            // of one key's search
  bool keyed_values = false;
  bool completions_only = false;
  bool follow = false;  // judge it while it is written
  bool json = false;
};
int check_command(const CheckCommand& command);

struct ModelsCommand {
  std::string name;  // empty: all
  bool json = false;
};
int models_command(const ModelsCommand& command);

struct CatalogueCommand {
  std::string kind;  // empty: list the faults
  bool json = false;
};
int catalogue_command(const CatalogueCommand& command);

struct GameDayPlanCommand {
  std::string file;
  std::string experiments = "experiments";  // folder of the library
  std::size_t starts = 5;                   // how many of the next ones are shown
  bool submit = false;                      // send it to the controller
  std::string server;                       // as in GameDayCommand
  bool json = false;
};
int gameday_plan_command(const GameDayPlanCommand& command);

struct GameDayCommand {
  std::string action;  // "approve", "start", "stop", "notes", "detected", "mitigated"; empty: show
  std::string name;    // empty: all, to show
  std::string text;    // of a note
  std::string server;  // "http://127.0.0.1:7070"; empty: FRACAS_SERVER
  bool json = false;
};
int gameday_command(const GameDayCommand& command);

struct DoctorCommand {
  std::vector<std::string> hosts;  // of the inventory; empty with an inventory: all of it; without: this host
  std::string inventory;           // as world.inventory
  std::string credentials;         // empty: PkiFolder::default_folder()
  bool json = false;
};
int doctor_command(const DoctorCommand& command);
// REQUIRES: hosts or an inventory.
int fleet_doctor_command(const DoctorCommand& command);

struct AgentCommand {
  std::string what;                // "list", "drain" or "install"
  std::vector<std::string> hosts;  // names or labels of the inventory, empty: all; install: user@host
  std::string inventory;
  std::string credentials;
  bool back = false;    // drain: takes them back
  std::string name;     // install: of the host; empty: that of the address
  std::string package;  // install: the Debian package; empty: it is there already
  bool json = false;
};
int agent_command(const AgentCommand& command);

struct PkiCommand {
  std::string what;    // "init", "issue", "rotate", "revoke" or "list"
  std::string folder;  // empty: PkiFolder::default_folder()
  std::string name = "fracas fleet";
  std::vector<std::string> names;
  bool controller = false;           // issue: for a user who gives orders
  std::optional<Duration> lifetime;  // of what is issued
  std::optional<Duration> within;    // rotate: what expires within
  std::string inventory;             // revoke: the agents that are told
  bool json = false;
};
int pki_command(const PkiCommand& command);

struct ServeCommand {
  std::string listen = "127.0.0.1:7070";
  std::string state = "fracas-serve";       // folder of the runs, and of the store if that is SQLite
  std::string store;                        // PostgreSQL for several controllers, as libpq takes it; empty: SQLite
  std::string advertise;                    // address for others on the same store; empty: where it listens
  std::string experiments = "experiments";  // folder of the library
  std::string certificate;                  // PEM files; empty: no TLS
  std::string key;
  std::string client_ca;
};
int serve_command(const ServeCommand& command);

struct UserCommand {
  enum class Action { add, remove, list };
  Action action = Action::list;
  std::string state;  // as of ServeCommand
  std::string store;
  std::string name;  // not of a list
  std::string role;  // of add: viewer, operator, approver, admin
};
int user_command(const UserCommand& command);

struct HealCommand {
  bool all = false;
};
int heal_command(const HealCommand& command);

}  // namespace fracas::controller
