#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/effect.h"
#include "agent/fault_record.h"
#include "agent/fault_support.h"
#include "agent/ledger.h"
#include "agent/net_slot.h"
#include "agent/processes/process_finder.h"
#include "agent/services.h"
#include "lib/base/result.h"

namespace fracas::model {
class Injection;
}

namespace fracas::agent {

// What becomes of services that a fault has ended and that do not run.
enum class KilledServices {
  restart,
  leave,  // somebody ends all services anyway
};

// What a fault is built from. All but the injection and the victims outlive the effect.
struct Preparation {
  const model::Injection& injection;        // has passed the kind's check; borrowed for the call
  const std::vector<ServiceSite>& victims;  // the services of its scope, as the ledger record names them; borrowed
  // The `processes` of its message, of which there are some; absent where it names none. To be copied.
  const std::optional<ChosenProcesses>& chosen;
  // The cgroups of its `senders`; empty where it names none. Borrowed.
  const std::vector<std::filesystem::path>& senders;
  Services& services;
  NetSlot& net;
  // On the disk already, with id, kind and victims. Whatever else `undo` needs is noted in it before the kernel is
  // touched.
  FaultRecord& record;
};

// Everything the agent knows of one kind of fault: what a file of agent/faults exports and agent/catalogue.cpp lists.
struct FaultKind {
  // As in lib/model/fault.proto: "net.delay".
  std::string_view name;
  // The kernel ends it at the end of window and lease by itself. Then the guardian leaves it to a living agent to take
  // its objects back; otherwise it undoes what is overdue although the agent lives, because that may be stopped.
  bool ends_by_itself = false;

  // Finds what is wrong with the order, from the message alone; prefixes and names are well-formed already.
  // ERRORS: EINVAL and one sentence that begins with the kind.
  Status (*check)(const model::Injection& injection);
  // Builds the effect, inactive. May take long: no lock is held. An effect whose steps the agent must time says so by
  // `next_ns`. ERRORS: what is missing here; then nothing is changed.
  Result<std::unique_ptr<Effect>> (*prepare)(const Preparation& preparation);
  // Undoes it by its record alone, as undo_record (agent/undo.h) promises. Nothing to do is no error.
  Status (*undo)(const LedgerRecord& record, KilledServices killed);
  // What it would use here, tried for real on things made for the purpose; at most some 100 ms.
  FaultSupport (*probe)();
  // Removes what a dead agent left in the calling thread's network namespace without naming it in a record; kinds that
  // share a mechanism share this function. May be absent.
  Status (*sweep)() = nullptr;
  // Lets go at once of what only a running agent may hold up for a moment; the fault itself goes on to its end. The
  // guardian calls it when the agent is gone, or late with the end. Idempotent. May be absent.
  Status (*release)(const LedgerRecord& record) = nullptr;
  // Whether this one does not end by itself although its kind does. May be absent.
  bool (*needs_guardian)(const LedgerRecord& record) = nullptr;
};

}  // namespace fracas::agent
