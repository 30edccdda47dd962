#pragma once
#include <string>
#include <vector>

// What each subcommand of `fracas` does once its words have been read. Results go to stdout, all else to stderr; the
// return value is the program's exit code (run_record.h lists them).
namespace fracas::controller {

struct RunCommand {
  std::vector<std::string> files;
  std::string seed;  // a number, "random", or empty: the experiment's own
  unsigned repeat = 1;
  std::vector<std::string> overrides;  // --set
  std::string out;                     // run directory; empty: fracas-runs/NAME-TIME
  bool quiet = false;
};
int run_command(const RunCommand& command);

struct PlanCommand {
  std::string file;
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

struct CheckCommand {
  std::string history;  // history.jsonl, "-" for stdin, or a run directory
  std::string model;    // a name of checker/catalogue.h; empty for a run directory: its own
  bool json = false;
};
int check_command(const CheckCommand& command);

struct ModelsCommand {
  bool json = false;
};
int models_command(const ModelsCommand& command);

struct CatalogueCommand {
  std::string kind;  // empty: list the faults
  bool json = false;
};
int catalogue_command(const CatalogueCommand& command);

struct DoctorCommand {
  bool json = false;
};
int doctor_command(const DoctorCommand& command);

struct HealCommand {
  bool all = false;
};
int heal_command(const HealCommand& command);

}  // namespace fracas::controller
