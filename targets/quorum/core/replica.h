#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/random.h"
#include "targets/quorum/core/bugs.h"
#include "targets/quorum/core/digest_tree.h"
#include "targets/quorum/core/failure_detector.h"
#include "targets/quorum/core/hints.h"
#include "targets/quorum/core/hybrid_clock.h"
#include "targets/quorum/core/journal.h"
#include "targets/quorum/core/operation.h"
#include "targets/quorum/core/output.h"
#include "targets/quorum/core/ring.h"

namespace fracas::quorum {

struct Options {
  std::vector<std::string> members{};  // the names of all, this one's too, sorted; fixed for the store's life
  Member self = 0;
  std::uint32_t replicas = 3;                                 // N of requests that do not say, and of repairs
  std::uint32_t virtual_nodes = 32;                           // of each member, > 0
  Duration request_timeout = std::chrono::milliseconds(200);  // a coordinator waits for others no longer
  Duration gossip = std::chrono::milliseconds(50);            // between heartbeats told to one other member
  double phi_max = 8;                                         // a member more suspicious than that counts as down
  bool read_repair = true;                                    // members found lagging by a read are given what it found
  bool hinted_handoff = true;                                 // what a home did not acknowledge is kept for it
  Duration anti_entropy = std::chrono::milliseconds(500);     // between comparisons with one other member; 0: never
  Duration tombstone_grace = std::chrono::minutes(10);        // after that a deleted key is forgotten
  std::uint64_t rewrite_every = 20'000;                       // records between rewrites of the journal, > 0
  std::uint64_t seed = 1;
  Bugs bugs{};
};

// Time has passed. Needed often: at least every 10 ms.
struct Tick {};
struct Received {
  Member from = 0;
  Message message;
};
struct Requested {
  RequestId request = 0;
  Request what;
};
// Every record up to this Output::sequence is on the disk.
struct Persisted {
  std::uint64_t sequence = 0;
};
using Input = std::variant<Tick, Received, Requested, Persisted>;

struct ReplicaStatus {
  std::uint64_t life = 0;
  std::uint64_t keys = 0;
  std::uint64_t hints = 0;
  std::vector<bool> alive;  // by member, as far as it can tell
};

// One member of the store. It coordinates the requests that clients put to it, whichever key they are for, and keeps
// copies for those of others. Pure: no clock, socket, file or thread; equal inputs give equal outputs.
// Every Requested gets exactly one Answer, unless the process ends first.
class Replica {
 public:
  Replica(Options options, Recovered recovered);

  Output step(const Time& now, const Input& input);

  ReplicaStatus status() const;
  // What this member holds of a key; null: nothing.
  const Cell* find(const std::string& key) const;

 private:
  void handle(const Tick&);
  void handle(const Received& received);
  void handle(const Requested& requested);
  void handle(const Persisted& persisted) { outbox_.persisted(persisted.sequence); }
  void handle_message(Member from, const Store& store);
  void handle_message(Member from, const Stored& stored);
  void handle_message(Member from, const Fetch& fetch);
  void handle_message(Member from, const Fetched& fetched);
  void handle_message(Member from, const Handoff& handoff);
  void handle_message(Member from, const Handed& handed);
  void handle_message(Member from, const Gossip& gossip);
  void handle_message(Member from, const Digests& digests);
  void handle_message(Member from, const Entries& entries);

  // copies.cpp: what this member holds.
  bool join_cell(const std::string& key, const Cell& cell);
  void set_cell(const std::string& key, Cell cell);
  void forget(const std::string& key);
  void count_in_trees(const std::string& key, const Cell& cell, bool comes);
  bool hold_hint(Member home, const std::string& key, const Cell& cell);
  bool expired(const Cell& cell) const;
  void forget_expired();
  void rewrite_if_due();
  void persist(Record record);

  // coordinator.cpp: requests under way.
  ReplyStatus begin(Operation& operation, const Terms& terms);
  void choose_targets(Operation& operation, std::uint32_t replicas, bool sloppy);
  std::size_t targets_alive(const Operation& operation) const;
  void query(OperationId id, Operation& operation);
  void queried(OperationId id, Operation& operation);
  void read_done(OperationId id, Operation& operation);
  // The cell to write, from what this member holds; nothing: another kind of data is there.
  std::optional<Cell> changed(const Operation& operation);
  void update(OperationId id, Operation& operation, Cell cell);
  void answer(Operation& operation, Reply reply);
  void give_up(Operation& operation);
  void close(OperationId id);
  void repair(const Operation& operation);
  void close_late();
  Stamp next_stamp(std::int64_t wall_ns);

  // repair.cpp: what goes on without requests.
  bool alive(Member member) const;
  std::optional<Member> other_member(bool only_alive);
  void gossip();
  void hold_for_homes();
  void hand_over();
  void compare_with_somebody();
  const DigestTree& tree_of(Member peer) const;
  std::vector<Entry> entries_of(const std::vector<std::uint16_t>& leaves, Member peer) const;
  bool due(std::int64_t& next_ns, Duration every) const;

  Options options_;
  Ring ring_;
  RandomStream random_;
  FailureDetector detector_;
  HybridClock clock_;
  node::Outbox<Effect, Record> outbox_;
  Time now_{};
  std::uint64_t life_ = 0;

  std::map<std::string, Cell> cells_;
  std::map<Member, DigestTree> trees_;           // of the keys that both are homes of, where there are any
  std::map<std::string, std::uint64_t> counts_;  // with the bug forgotten-dots
  std::uint64_t records_ = 0;                    // since the journal was rewritten

  std::map<OperationId, Operation> operations_;
  OperationId next_operation_ = 0;

  struct Handing {
    std::uint64_t number = 0;
    std::vector<Entry> batch;
    std::int64_t since_ns = 0;
  };
  Hints hints_;
  std::map<Member, Handing> handing_;
  std::uint64_t next_handing_ = 0;

  std::vector<Beat> beats_;
  std::int64_t gossip_at_ns_ = 0;
  std::int64_t handoff_at_ns_ = 0;
  std::int64_t compare_at_ns_ = 0;
  std::int64_t purge_at_ns_ = 0;
};

}  // namespace fracas::quorum
