#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/random.h"
#include "lib/base/result.h"
#include "targets/raft/core/followers.h"
#include "targets/raft/core/kv_store.h"
#include "targets/raft/core/log.h"
#include "targets/raft/core/options.h"
#include "targets/raft/core/output.h"
#include "targets/raft/core/progress.h"

namespace fracas::raft {

// Time since an arbitrary start, the same for the life of this Raft; never goes back. Needed often: at least ten
// times an election timeout, and before other inputs whenever time may have passed.
struct Tick {
  Duration now;
};
struct Received {
  NodeId from;
  Message message;
};
struct Proposed {
  RequestId request = 0;
  Command command;
};
struct ReadRequested {
  RequestId request = 0;
  std::string key{};
};
// An administrator's: this member shall lead. Answered with ok once it has this leader's vote or leads, with mismatch
// after an election timeout, and with leadership_lost where a new term comes to be known by somebody else.
struct TransferRequested {
  RequestId request = 0;
  NodeId to{};
};
// An administrator's: these shall be the members. Answered once that is committed. New voters are learners until they
// have caught up; several voters at a time are changed by way of a joint configuration.
struct ChangeRequested {
  RequestId request = 0;
  std::vector<NodeId> voters{};
  std::vector<NodeId> learners{};
};
// Every record up to this Output::sequence is on the disk.
struct Persisted {
  std::uint64_t sequence = 0;
};
using Input = std::variant<Tick, Received, Proposed, ReadRequested, TransferRequested, ChangeRequested, Persisted>;

// What the disk gave back at start.
struct Recovered {
  HardState hard{};
  std::optional<Snapshot> snapshot{};
  std::vector<Entry> entries{};  // gapless, from the snapshot's index + 1
};

struct MemberStatus {
  Role role = Role::follower;
  Term term;
  NodeId leader;  // empty = unknown
  Index commit = 0;
  Index applied = 0;
  Configuration members{};
};

// One member of the cluster: elections with pre-vote and check-quorum, pipelined replication, snapshots, ReadIndex and
// lease reads, and the store itself. Pure: no clock, socket, file or thread; equal inputs give equal outputs.
// Every Proposed and ReadRequested gets exactly one Answer, unless the process ends first. A write is answered once
// applied; a read once a majority confirmed the leadership in a heartbeat round begun after the read came, or while a
// lease lasts. With leases a Tick must come between a read's arrival and its ReadRequested: a process may be frozen.
class Raft {
 public:
  // Recovers from what the disk holds; the first step's output also carries the `start` event and the log's.
  // ERRORS: a snapshot that does not decode, or entries with a gap.
  static Result<Raft> make(Options options, Recovered recovered);

  Output step(Input input);
  // The same for an input of which it is known what it is.
  template <typename One>
  requires(!std::is_same_v<std::remove_cvref_t<One>, Input>) Output step(One&& input) {
    handle(input);
    return outbox_.take();
  }

  MemberStatus status() const;
  const Log& log() const { return log_; }
  const KvStore& store() const { return store_; }

 private:
  struct PendingWrite {
    RequestId request = 0;
    Term term;
  };
  struct PendingRead {
    RequestId request = 0;
    std::string key;
    std::uint64_t round = 0;  // the first heartbeat round that began after the read came; 0: under a lease
    Index index = 0;          // what must be applied before it is answered
  };
  struct LockWatch {
    std::int64_t token = 0;
    Duration since{};    // when this leader first saw it held
    bool asked = false;  // to expire it
  };
  struct Placed {
    Index index = 0;  // of the entry that says so; 0: what the cluster began with
    Configuration configuration{};
  };
  struct Transfer {
    RequestId request = 0;
    NodeId to{};
    Duration until{};
    bool asked = false;  // to campaign
  };
  struct Change {
    RequestId request = 0;
    Configuration target{};
    Duration until{};
  };
  struct Round {
    std::uint64_t number = 0;
    Duration begun{};
  };
  struct DurableMark {
    std::uint64_t sequence = 0;
    Index index = 0;
  };

  explicit Raft(Options options);

  void handle(const Tick& tick);
  void handle(Received& received);
  void handle(const Proposed& proposed);
  void handle(const ReadRequested& read);
  void handle(const TransferRequested& transfer);
  void handle(const ChangeRequested& change);
  void handle(const Persisted& persisted);
  void handle_message(const NodeId& from, const VoteRequest& request);
  void handle_message(const NodeId& from, const VoteResponse& response);
  void handle_message(const NodeId& from, AppendRequest& request);
  void handle_message(const NodeId& from, const AppendResponse& response);
  void handle_message(const NodeId& from, const SnapshotRequest& request);
  void handle_message(const NodeId& from, const TimeoutNow& timeout);

  // election.cpp
  void become_follower(Term term, const NodeId& leader, const NodeId& vote = NodeId());
  void campaign_for_pre_vote();
  void campaign(bool transfer = false);
  void become_leader();
  void count_vote(const NodeId& voter);
  void adopt(Term term, const NodeId& vote);
  void set_role(Role role);
  void reset_election_timer();
  bool hears_leader() const;
  bool hears_majority() const;

  // members.cpp
  const Configuration& members() const { return members_.back().configuration; }
  bool may_lead() const;
  std::uint64_t agreed_on(const std::function<std::uint64_t(const NodeId&)>& reached) const;
  void find_members();
  void note_members(const Entry& entry);
  void prune_members();
  void add_progress();
  void advance_change();
  void append_configuration(Configuration configuration);
  bool caught_up(const std::vector<NodeId>& voters) const;
  void conclude_change(ReplyStatus status);
  void leave();

  // transfer.cpp
  void advance_transfer();

  // locks.cpp
  void expire_locks();

  // lease.cpp
  Duration lease_length() const;
  void begin_lease_round();
  void renew_lease();
  void drop_lease();
  bool may_have_promised() const;

  // replication.cpp: leader
  void heartbeat_round();
  void send_entries(const NodeId& to, Progress& progress);
  bool send_batch(const NodeId& to, Progress& progress);
  void send_heartbeat(const NodeId& to, Progress& progress);
  void send_snapshot(const NodeId& to, Progress& progress);
  void append_own(std::string payload);
  void accept(const NodeId& from, Progress& progress, const AppendResponse& response);
  void back_up(const NodeId& from, Progress& progress, const AppendResponse& response);
  void advance_commit();

  // follower.cpp
  bool follow(const NodeId& from, Term term);
  bool append_from_leader(AppendRequest& request);
  void respond(const NodeId& to, AppendResponse response);
  void install(const Snapshot& snapshot, KvStore store);
  void save_entry(Entry entry);
  void drop_after(Index last);
  void forget_durable_from(Index index);

  // apply.cpp
  void commit_to(Index index);
  void apply_ready();
  void apply_one(const Entry& entry);
  void snapshot_if_due();
  void confirm_reads();
  void fail_pending();

  bool is_peer(const NodeId& node) const;
  void answer(RequestId request, Reply reply);
  void emit(Event event);

  Options options_;
  RandomStream random_;
  node::Outbox<Effect, Record> outbox_;

  HardState hard_;
  HardState hard_on_disk_;  // differs from hard_ with the bug vote_not_persisted only
  Log log_;
  std::optional<Snapshot> snapshot_;
  KvStore store_;

  Role role_ = Role::follower;
  NodeId leader_;
  bool ticked_ = false;
  Duration begun_at_{};  // the first tick
  Duration now_{};
  Duration leader_heard_at_{};
  Duration election_started_at_{};
  Duration election_wait_{};
  Duration heartbeat_at_{};
  std::set<NodeId> votes_;

  Index commit_ = 0;
  Index applied_ = 0;
  Index durable_ = 0;  // our log is on the disk up to here
  std::deque<DurableMark> durable_marks_;

  std::deque<Placed> members_;  // by index; the last one counts. Those before it come back if its entry is dropped

  // While leader.
  Followers progress_;
  std::uint64_t round_ = 0;      // latest heartbeat round begun in this term
  std::uint64_t confirmed_ = 0;  // latest one a majority answered
  std::deque<Round> rounds_;     // that are not confirmed, for leases
  Duration lease_until_ = Duration::min();
  Index no_op_index_ = 0;       // of the entry that opened our term
  std::uint64_t farewell_ = 0;  // the first round that says that the last configuration is committed; 0: not begun
  std::optional<Transfer> transfer_;
  std::optional<Change> change_;
  bool lease_forsaken_ = false;  // somebody was asked to campaign in our term, and may still do so
  std::map<Index, PendingWrite> pending_writes_;
  std::deque<PendingRead> pending_reads_;
  std::map<std::string, LockWatch> watched_;
};

}  // namespace fracas::raft
