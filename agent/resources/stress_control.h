#pragma once
#include <filesystem>
#include <memory>

#include "agent/resources/stress.abi.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"

namespace fracas::agent {

// A mapped control file. Thread: any.
class StressControlFile {
 public:
  // Makes it anew. ERRORS: errno's text.
  static Result<StressControlFile> create(const std::filesystem::path& path);
  // ERRORS: ENOENT; EINVAL it is none.
  static Result<StressControlFile> open(const std::filesystem::path& path);
  StressControlFile(StressControlFile&& other) noexcept;
  StressControlFile& operator=(StressControlFile&&) = delete;
  ~StressControlFile();

  StressControl& content() { return *mapped_; }
  const StressControl& content() const { return *mapped_; }
  void set_window(std::int64_t start_ns, std::int64_t end_ns);
  void set_lease_end(std::int64_t lease_end_ns);
  model::EffectCounters counters() const;

 private:
  explicit StressControlFile(StressControl* mapped) : mapped_(mapped) {}
  static Result<StressControlFile> map(const std::filesystem::path& path, int flags);

  StressControl* mapped_;
};

// Tells the workers of a control file to leave, kills those that have registered, waits, at most two seconds, until
// they are gone, and removes the file. A missing file is no error. ERRORS: ETIMEDOUT a worker survives.
Status end_stress_workers(const std::filesystem::path& control);

}  // namespace fracas::agent
