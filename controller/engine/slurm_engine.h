#pragma once
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "controller/engine/engine.h"
#include "controller/engine/task_words.h"
#include "lib/base/result.h"

// A hunt as job arrays of Slurm, one array task a share.
namespace fracas::controller {

struct SlurmOptions {
  HuntTask task;
  std::string experiment;         // canonical TOML
  std::string version;            // that of this fracas; records of another one count as lost
  std::filesystem::path folder;   // absolute, fresh, and on all of the cluster's hosts the same: a shared file system
  std::filesystem::path program;  // the fracas that tasks run; a copy goes into the folder
};

// Writes what tasks need into the folder: the program, the experiment and the script of a task, `task.sh`. sbatch finds
// the cluster and takes its limits (partition, account, time) from the environment, SBATCH_PARTITION and its like.
// A share's record is share-N.json there, what its tasks say task-N.log. ERRORS: sbatch, squeue or scancel is not in
// PATH; the folder cannot be written. Source: sbatch(1), squeue(1), scancel(1).
Result<std::unique_ptr<Engine>> slurm_engine(const SlurmOptions& options);

// What sbatch --array takes: "0-3,7". REQUIRES: ascending. Pure.
std::string array_of(const std::vector<unsigned>& shares);

// The array indices that `squeue --array --format=%K` printed, one a line; lines that are none ("N/A") are left out.
// Pure.
std::set<unsigned> indices_in(const std::string& listing);

// The script that a task of the array is, started in the folder. Pure.
std::string slurm_script(const HuntTask& task);

}  // namespace fracas::controller
