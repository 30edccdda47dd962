#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/random.h"
#include "targets/raft/core/raft.h"

namespace fracas::raft::test {

// How unkind the simulated network and disks are.
struct Weather {
  double drop = 0;                                    // share of messages lost
  double twice = 0;                                   // share delivered a second time
  Duration delay_max = std::chrono::milliseconds(2);  // one way, drawn evenly up to this
  Duration disk_max = std::chrono::milliseconds(1);   // until a write is safe, drawn evenly up to this
};

struct ClusterOptions {
  std::size_t members = 5;
  std::uint64_t seed = 1;
  std::uint64_t snapshot_every = 1000;
  Bugs bugs{};
  ReadMode reads = ReadMode::index;
  double clock_drift_max = 0.01;
  std::size_t voters = 0;  // so many of the first members vote at the beginning; 0: all
  Weather weather{};
};

// A cluster of real Raft cores in virtual time, on a network and disks that lose what the weather says. One thread,
// one seed, no clock: the same options and calls give the same run. It watches, all the time, that no term has two
// leaders, that logs with an equal entry are equal up to it, and that equal positions mean equal stores; what it finds
// is in `violations()`. Members are numbered from 0 and called "n1", "n2", …
class Cluster {
 public:
  explicit Cluster(ClusterOptions options);

  // Lets virtual time pass.
  void run(Duration time);
  // Runs until a leader exists that has committed in its own term and every live member follows it, at most `limit`.
  std::optional<std::size_t> elect(Duration limit = std::chrono::seconds(5));
  // Runs until the request has its answer, at most `limit`.
  std::optional<Reply> wait(RequestId request, Duration limit = std::chrono::seconds(5));

  RequestId write(std::size_t member, Command command);
  RequestId read(std::size_t member, std::string key);
  // An administrator's requests; members by number.
  RequestId transfer(std::size_t member, std::size_t to);
  RequestId change(std::size_t member, const std::vector<std::size_t>& voters,
                   const std::vector<std::size_t>& learners = {});
  // Runs until somebody leads, at most `limit`; who does not belong to the cluster need not know.
  std::optional<std::size_t> await_leader(Duration limit = std::chrono::seconds(5));
  std::optional<Reply> answer(RequestId request) const;

  // Loses everything that is not on the member's disk, and stops it.
  void crash(std::size_t member);
  void restart(std::size_t member);
  bool up(std::size_t member) const { return members_[member].raft.has_value(); }
  // A frozen member takes no input; what arrives waits. Its time goes on.
  void freeze(std::size_t member, bool frozen) { members_[member].frozen = frozen; }
  // From now on its clock runs at half its speed.
  void slow_down(std::size_t member) { members_[member].slow_since = now_; }
  // Cuts or mends one direction.
  void cut(std::size_t from, std::size_t to, bool is_cut);
  void isolate(std::size_t member, bool is_cut);
  void set_weather(Weather weather) { options_.weather = weather; }
  void mend();

  const Raft& raft(std::size_t member) const { return *members_[member].raft; }
  std::optional<std::size_t> leader() const;
  Duration now() const { return now_; }
  // Every event of one member, over all its lives.
  const std::vector<Event>& events(std::size_t member) const { return members_[member].events; }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Disk {
    Recovered state{};
    std::vector<Record> writing{};  // not safe yet
    std::uint64_t sequence = 0;
    Duration safe_at{};
    bool busy = false;
  };
  struct Member {
    Options options{};
    std::optional<Raft> raft{};
    Disk disk{};
    bool frozen = false;
    std::optional<Duration> slow_since{};
    std::uint64_t lives = 0;
    std::vector<Event> events{};
    std::vector<Input> waiting{};  // while frozen
  };
  struct Flying {
    std::size_t from = 0;
    std::size_t to = 0;
    Message message{};
  };

  void input(std::size_t member, const Input& input);
  void take(std::size_t member, Output output);
  void send(std::size_t from, const Send& send);
  void watch(std::size_t member, const Event& event);
  void finish_writes(std::size_t member);
  void start_write(std::size_t member);
  void advance();
  Duration random_up_to(Duration limit);
  Duration clock_of(std::size_t member) const;

  ClusterOptions options_;
  RandomStream random_;
  Duration now_{};
  std::vector<Member> members_;
  std::multimap<Duration, Flying> flying_;
  std::set<std::pair<std::size_t, std::size_t>> cuts_;
  RequestId next_request_ = 0;
  std::map<RequestId, Reply> answers_;
  std::map<Term, std::size_t> leader_of_;
  std::map<std::pair<Index, Term>, std::uint64_t> log_hashes_;
  std::map<Index, std::uint64_t> store_hashes_;
  std::vector<std::string> violations_;
};

// Applies records to what a disk holds, as recovery would find it.
void apply_records(Recovered& disk, const std::vector<Record>& records);

}  // namespace fracas::raft::test
