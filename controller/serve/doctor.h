#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "controller/serve/run_folders.h"
#include "lib/base/result.h"

namespace fracas::controller {

struct FaultHere {
  std::string kind;
  std::string mechanism;  // empty where it does not work
  std::string accuracy;
  std::string missing;
};

// What `fracas doctor` says of this machine, asked at most once a minute. Thread: any; callers wait for one answer.
class Doctor {
 public:
  // `folders` outlives this.
  explicit Doctor(const RunFolders& folders) : folders_(folders) {}

  // ERRORS: the doctor did not answer; with the end of what it said.
  Result<std::vector<FaultHere>> examine();

 private:
  const RunFolders& folders_;
  std::mutex mutex_;
  std::int64_t asked_ns_ = 0;  // 0: never
  std::vector<FaultHere> faults_;
};

}  // namespace fracas::controller
