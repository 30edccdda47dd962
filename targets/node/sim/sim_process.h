#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::node {

class SimNode;

// What the clocks of a host show.
struct HostTime {
  Duration monotonic{};
  Duration realtime{};
};

// The program on a simulated host: a state machine, and what its shell would do for it. Made anew at each start; it
// asks its SimNode for the time, and to send, write and record.
class SimProcess {
 public:
  SimProcess() = default;
  SimProcess(const SimProcess&) = delete;
  SimProcess& operator=(const SimProcess&) = delete;
  virtual ~SimProcess() = default;

  // Every 10 ms, and before anything else after a pause.
  virtual void tick() = 0;
  // Everything written up to that sequence is safe.
  virtual void persisted(std::uint64_t sequence) = 0;
};

// How a host's program comes to life with what its disk holds.
struct SimProgram {
  struct Started {
    std::unique_ptr<SimProcess> process;
    std::size_t good_bytes = 0;  // of the file; what follows is torn, and is cut off
  };
  std::string empty_file;  // what is on a disk that nothing was written to
  // `life`: how often it was started before. ERRORS: what is damaged; it stays down then.
  std::function<Result<Started>(SimNode& node, const std::string& file, std::uint64_t life)> start;
};

}  // namespace fracas::node
