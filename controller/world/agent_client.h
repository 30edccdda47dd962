#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/pki/authority.h"
#include "controller/world/done.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"

namespace fracas::model {
class Injection;
}
namespace fracas::pki {
class PeerCheck;
}

namespace fracas::controller {

class AgentConnection;

struct AgentAddress {
  std::string name;              // the host's
  std::string target;            // "unix:/absolute/path" or "10.0.0.1:7600"
  std::string certificate = {};  // DNS name in the agent's certificate; empty: `name`
  std::string run = {};          // what the calls say they are of (pki::kRunHeader); empty: of no run
};

struct AgentHello {
  std::string name;
  std::string version;
  std::string kernel;
  std::int64_t boot_ns = 0;  // the agent's CLOCK_BOOTTIME when it answered
  // What to add to our CLOCK_BOOTTIME to get the agent's, and how far off that may be: half the round trip.
  std::int64_t clock_offset_ns = 0;
  std::int64_t clock_uncertainty_ns = 0;
  bool drained = false;           // it refuses faults
  std::uint32_t faults = 0;       // held at this moment
  std::uint64_t revocations = 0;  // number of its list of revoked certificates; 0: none
};

// What a host offers for one fault kind; the meaning of each field is in lib/model/agent.proto.
struct FaultSupport {
  std::string kind;
  bool available = false;
  std::string mechanism;
  std::string accuracy;
  std::string missing;
};

struct ServiceSpec {
  std::string name;
  std::vector<std::string> argv;
  std::string working_directory;
  std::string output;  // file that stdout and stderr are appended to
};

// What one fault did on one host up to now.
struct FaultCounters {
  std::string id;
  std::string mechanism;
  model::EffectCounters counters;
  std::vector<std::string> processes{};  // those it chose itself
};

// When a fault acts, in the agent's CLOCK_BOOTTIME: [start, end).
struct ArmWindow {
  std::int64_t start_boot_ns = 0;
  std::int64_t end_boot_ns = 0;
};

struct AgentHealing {
  std::vector<std::string> reverted;   // ids of faults that were still there
  std::vector<std::string> leftovers;  // what is there in spite of it; empty means clean
};

// One agent, over gRPC with mutual TLS. Every call has a deadline: `timeout`, which no call outlasts but `doctor`.
// ERRORS of every call: "agent n1: STEP: cause"; `code` is ETIMEDOUT (no answer in time), ECONNREFUSED (not reachable,
// or one side does not trust the other's certificate), EACCES (refused), EBUSY (another run has the agent, or this one
// is over), EEXIST, ENOENT, EINVAL, ENOTSUP (this host cannot), else 0. Thread: any; calls may overlap.
class AgentClient {
 public:
  // Connects lazily: the first call tells whether the agent is there. `peers`, where there is one, is asked about the
  // agent's certificate at each answer, and outlives the client.
  AgentClient(AgentAddress address, const Credentials& credentials, Duration timeout = std::chrono::seconds(5),
              pki::PeerCheck* peers = nullptr);
  AgentClient(AgentClient&&) noexcept;
  AgentClient& operator=(AgentClient&&) noexcept;
  ~AgentClient();

  const std::string& name() const;

  // Asks `samples` times and keeps the answer with the shortest round trip, whose clock reading is the best.
  Result<AgentHello> hello(int samples = 3);
  // Tries every mechanism there, which may take a minute.
  Result<std::vector<FaultSupport>> doctor();
  // The pid it has in the host's pid namespace.
  Result<int> start_service(const ServiceSpec& service);
  Status stop_service(std::string_view service);

  // Returns the mechanism that will do it. `id` is unique among the agent's faults: [A-Za-z0-9._#-], at most 100
  // characters.
  Result<std::string> prepare(std::string_view id, const model::Injection& injection, Duration lease);
  Status arm(std::string_view id, const ArmWindow& window);
  // Keeps all faults alive for `lease` from now; returns what each did so far.
  Result<std::vector<FaultCounters>> renew(Duration lease);
  // Idempotent. Returns the final counters, all zero for an unknown id.
  Result<FaultCounters> revert(std::string_view id);
  // Reverts everything and stops the services.
  Result<AgentHealing> heal();
  // The run is over: reverts its faults, and lets another one have the agent.
  Status leave();
  // Reverts everything and refuses new faults until it is taken back. Returns what was reverted.
  Result<std::vector<std::string>> drain(bool on);
  // Gives it a list of revoked certificates. Returns the number of the list that holds then.
  Result<std::uint64_t> revoke(std::string_view list);

  // The same without waiting: an answer comes for each, within `timeout`. The client outlives it.
  void prepare(std::string_view id, const model::Injection& injection, Duration lease, Done<std::string> done);
  void arm(std::string_view id, const ArmWindow& window, Done<void> done);
  void renew(Duration lease, Done<std::vector<FaultCounters>> done);
  void revert(std::string_view id, Done<FaultCounters> done);

 private:
  std::unique_ptr<AgentConnection> connection_;
  Duration timeout_;
};

}  // namespace fracas::controller
