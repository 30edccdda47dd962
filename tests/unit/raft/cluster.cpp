#include "tests/unit/raft/cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lib/base/ensure.h"

namespace fracas::raft::test {
namespace {

constexpr Duration kStep = std::chrono::milliseconds(1);

NodeId name_of(std::size_t member) {
  return NodeId(fmt::format("n{}", member + 1));
}

std::size_t number_of(const NodeId& name) {
  return static_cast<std::size_t>(std::stoul(name.value().substr(1))) - 1;
}

}  // namespace

void apply_records(Recovered& disk, const std::vector<Record>& records) {
  for (const Record& record : records) {
    if (const auto* hard = std::get_if<HardState>(&record)) disk.hard = *hard;
    if (const auto* entry = std::get_if<Entry>(&record)) {
      const Index base = disk.snapshot ? disk.snapshot->index : 0;
      ensure(entry->index > base && entry->index <= base + disk.entries.size() + 1, "the log on a disk has no gap");
      disk.entries.resize(entry->index - base - 1);
      disk.entries.push_back(*entry);
    }
    if (const auto* compaction = std::get_if<Compaction>(&record))
      disk = {compaction->hard, compaction->snapshot, compaction->entries};
  }
}

Cluster::Cluster(ClusterOptions options)
    : options_(std::move(options)), random_(options_.seed, "cluster"), members_(options_.members) {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Options& own = members_[i].options;
    own.self = name_of(i);
    for (std::size_t j = 0; j < members_.size(); ++j)
      if (j != i) own.peers.push_back(name_of(j));
    own.snapshot_every = options_.snapshot_every;
    own.bugs = options_.bugs;
    own.reads = options_.reads;
    own.clock_drift_max = options_.clock_drift_max;
    for (std::size_t j = 0; j < options_.voters; ++j) own.members.push_back(name_of(j));
    restart(i);
  }
}

Duration Cluster::random_up_to(Duration limit) {
  return Duration(static_cast<Duration::rep>(random_.below(static_cast<std::uint64_t>(limit.count()) + 1)));
}

void Cluster::restart(std::size_t member) {
  Member& one = members_[member];
  if (one.raft) return;
  one.options.seed = options_.seed * 1000 + ++one.lives;
  auto raft = Raft::make(one.options, one.disk.state);
  ensure(raft.has_value(), "what a simulated disk holds can be recovered");
  one.raft.emplace(std::move(*raft));
  one.frozen = false;
  input(member, Tick{clock_of(member)});
}

void Cluster::crash(std::size_t member) {
  Member& one = members_[member];
  if (!one.raft) return;
  // A prefix of what was being written may have reached the disk.
  auto& writing = one.disk.writing;
  writing.resize(static_cast<std::size_t>(random_.below(writing.size() + 1)));
  apply_records(one.disk.state, writing);
  writing.clear();
  one.disk.busy = false;
  one.waiting.clear();
  one.raft.reset();
}

void Cluster::input(std::size_t member, const Input& input) {
  Member& one = members_[member];
  if (!one.raft) return;
  if (one.frozen) {
    if (!std::holds_alternative<Tick>(input)) one.waiting.push_back(input);
    return;
  }
  take(member, one.raft->step(input));
  start_write(member);
}

void Cluster::take(std::size_t member, Output output) {
  Member& one = members_[member];
  for (const Effect& effect : output.effects) {
    if (const auto* event = std::get_if<Event>(&effect)) watch(member, *event);
    if (const auto* one_send = std::get_if<Send>(&effect)) send(member, *one_send);
    if (const auto* reply = std::get_if<Answer>(&effect)) {
      if (!answers_.emplace(reply->request, reply->reply).second)
        violations_.push_back(fmt::format("request {} was answered twice", reply->request));
    }
  }
  for (Record& record : output.persist) one.disk.writing.push_back(std::move(record));
  one.disk.sequence = output.sequence;
}

void Cluster::start_write(std::size_t member) {
  Disk& disk = members_[member].disk;
  if (disk.busy || disk.writing.empty()) return;
  disk.busy = true;
  disk.safe_at = now_ + random_up_to(options_.weather.disk_max);
}

void Cluster::finish_writes(std::size_t member) {
  Member& one = members_[member];
  if (!one.raft || one.frozen || !one.disk.busy || one.disk.safe_at > now_) return;
  apply_records(one.disk.state, one.disk.writing);
  one.disk.writing.clear();
  one.disk.busy = false;
  input(member, Persisted{one.disk.sequence});
}

void Cluster::send(std::size_t from, const Send& send) {
  const std::size_t to = number_of(send.to);
  if (cuts_.count({from, to}) > 0 || random_.chance(options_.weather.drop)) return;
  const int copies = random_.chance(options_.weather.twice) ? 2 : 1;
  for (int i = 0; i < copies; ++i)
    flying_.emplace(now_ + random_up_to(options_.weather.delay_max), Flying{from, to, send.message});
}

void Cluster::watch(std::size_t member, const Event& event) {
  members_[member].events.push_back(event);
  const std::string who = name_of(member).value();
  if (event.type == Event::Type::role && event.role == Role::leader) {
    const auto [found, fresh] = leader_of_.emplace(event.term, member);
    if (!fresh) violations_.push_back(fmt::format("term {} has two leaders", event.term.value()));
  }
  if (event.type == Event::Type::append) {
    const auto [found, fresh] = log_hashes_.emplace(std::pair(event.index, event.entry_term), event.hash);
    if (!fresh && found->second != event.hash)
      violations_.push_back(fmt::format("{}: log differs below entry {}", who, event.index));
  }
  if (event.type == Event::Type::apply || event.type == Event::Type::snapshot) {
    const auto [found, fresh] = store_hashes_.emplace(event.index, event.hash);
    if (!fresh && found->second != event.hash)
      violations_.push_back(fmt::format("{}: store differs after entry {}", who, event.index));
  }
}

void Cluster::advance() {
  now_ += kStep;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    input(i, Tick{clock_of(i)});
    finish_writes(i);
    if (members_[i].frozen) continue;
    for (const Input& late : std::exchange(members_[i].waiting, {})) input(i, late);
  }
  while (!flying_.empty() && flying_.begin()->first <= now_) {
    const Flying flying = std::move(flying_.begin()->second);
    flying_.erase(flying_.begin());
    input(flying.to, Received{name_of(flying.from), flying.message});
  }
}

void Cluster::run(Duration time) {
  for (const Duration end = now_ + time; now_ < end;) advance();
}

std::optional<std::size_t> Cluster::elect(Duration limit) {
  for (const Duration end = now_ + limit; now_ < end; advance()) {
    const auto found = leader();
    if (!found) continue;
    const MemberStatus status = raft(*found).status();
    if (raft(*found).log().term_at(status.commit) != status.term) continue;
    const bool followed = std::all_of(members_.begin(), members_.end(), [&](const Member& member) {
      return !member.raft || member.raft->status().leader == name_of(*found);
    });
    if (followed) return found;
  }
  return std::nullopt;
}

std::optional<Reply> Cluster::wait(RequestId request, Duration limit) {
  for (const Duration end = now_ + limit; now_ < end && !answer(request);) advance();
  return answer(request);
}

RequestId Cluster::write(std::size_t member, Command command) {
  input(member, Proposed{++next_request_, std::move(command)});
  return next_request_;
}

RequestId Cluster::read(std::size_t member, std::string key) {
  input(member, ReadRequested{++next_request_, std::move(key)});
  return next_request_;
}

RequestId Cluster::transfer(std::size_t member, std::size_t to) {
  input(member, TransferRequested{++next_request_, name_of(to)});
  return next_request_;
}

RequestId Cluster::change(std::size_t member, const std::vector<std::size_t>& voters,
                          const std::vector<std::size_t>& learners) {
  ChangeRequested change{.request = ++next_request_, .voters = {}, .learners = {}};
  for (const std::size_t voter : voters) change.voters.push_back(name_of(voter));
  for (const std::size_t learner : learners) change.learners.push_back(name_of(learner));
  input(member, std::move(change));
  return next_request_;
}

std::optional<std::size_t> Cluster::await_leader(Duration limit) {
  for (const Duration end = now_ + limit; now_ < end; advance())
    if (const auto found = leader(); found && raft(*found).status().commit > 0) return found;
  return std::nullopt;
}

std::optional<Reply> Cluster::answer(RequestId request) const {
  const auto found = answers_.find(request);
  if (found == answers_.end()) return std::nullopt;
  return found->second;
}

void Cluster::cut(std::size_t from, std::size_t to, bool is_cut) {
  if (is_cut)
    cuts_.emplace(from, to);
  else
    cuts_.erase({from, to});
}

void Cluster::isolate(std::size_t member, bool is_cut) {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (i == member) continue;
    cut(i, member, is_cut);
    cut(member, i, is_cut);
  }
}

void Cluster::mend() {
  cuts_.clear();
  options_.weather = {};
  for (std::size_t i = 0; i < members_.size(); ++i) {
    restart(i);
    freeze(i, false);
  }
}

std::optional<std::size_t> Cluster::leader() const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (!up(i) || raft(i).status().role != Role::leader) continue;
    if (!best || raft(i).status().term > raft(*best).status().term) best = i;
  }
  return best;
}

Duration Cluster::clock_of(std::size_t member) const {
  const auto& slow_since = members_[member].slow_since;
  return slow_since ? *slow_since + (now_ - *slow_since) / 2 : now_;
}

}  // namespace fracas::raft::test
