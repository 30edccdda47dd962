#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "agent/guardian.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"
#include "lib/os/process.h"

namespace fracas::agent {

// The agent's end of its guardian. Thread: any.
class GuardianLink {
 public:
  // Launches "PROGRAM guardian …"; `options.agent` and `options.socket` are filled in here. `inherited` are descriptors
  // it shall keep open for as long as it lives. Returns before it is ready.
  static Result<std::unique_ptr<GuardianLink>> start(GuardianOptions options, std::vector<int> inherited);

  // Readable when the guardian has ended.
  int pidfd() const;
  // Waits, at most five seconds, until it watches.
  Status wait_ready();
  // Gives it copies of these descriptors instead of those it had, and waits until it has them. At most 64. After an
  // error it is ended, so that nothing stays held that its owner believes to be closed.
  Status hold(std::span<const int> fds);
  // Launches a new one after it ended. It holds nothing yet.
  Status restart();
  // Tells it to go, and collects it.
  void quit();

 private:
  GuardianLink(GuardianOptions options, std::vector<int> inherited)
      : options_(std::move(options)), inherited_(std::move(inherited)) {}
  // All REQUIRE mutex_ held.
  Status launch();
  Status wait_for_answer();
  Status send(char command, std::span<const int> fds);
  Status hand_over(std::span<const int> fds);
  void end();

  GuardianOptions options_;
  std::vector<int> inherited_;
  mutable std::mutex mutex_;
  os::UniqueFd socket_;
  std::optional<os::Process> process_;
  bool ready_ = false;
};

}  // namespace fracas::agent
