#include "targets/raft/sim/sim_node.h"

#include <algorithm>
#include <utility>

#include "targets/raft/shell/event_record.h"
#include "targets/raft/shell/wal_format.h"

namespace fracas::raft {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Duration kTick = milliseconds(10);
// A sync of a small write on a good disk.
constexpr Duration kSyncMin = microseconds(200);
constexpr std::uint64_t kSyncSpreadNs = 400'000;
// As many inputs as the kernel would hold for a process that does not run.
constexpr std::size_t kMissedMax = 100'000;
constexpr std::size_t kWrittenBackBehind = 1'000;

}  // namespace

std::optional<Duration> DiskFault::write(std::size_t) {
  return Duration{};
}

std::optional<Duration> DiskFault::sync() {
  return Duration{};
}

void DiskFault::synced() {}

SimNode::SimNode(sim::Scheduler& scheduler, Options options, bool fsync, std::int64_t begin_ns)
    : scheduler_(scheduler),
      options_(std::move(options)),
      fsync_(fsync),
      begin_ns_(begin_ns),
      random_(options_.seed, "raft/sim/" + options_.self.value()) {
  disk_.append(wal_header());
  disk_.sync(1);
}

void SimNode::connect(const NodeId& peer, std::unique_ptr<SimLink> link) {
  links_[peer] = std::move(link);
}

Status SimNode::start() {
  const std::string file = disk_.contents();
  auto contents = parse_wal(file);
  if (!contents) return failure(std::move(contents).error());
  if (contents->good_bytes < file.size()) disk_.truncate(contents->good_bytes);
  Options options = options_;
  options.seed += life_ << 32U;  // each life draws its own election timeouts
  auto raft = Raft::make(std::move(options), std::move(contents->recovered));
  if (!raft) return failure(std::move(raft).error());
  raft_.emplace(std::move(*raft));
  ++life_;
  syncing_ = false;
  sequence_ = 0;
  tick();
  return {};
}

void SimNode::kill() {
  raft_.reset();
  paused_ = false;
  missed_.clear();
  waiting_.clear();
  for (auto& [peer, link] : links_) link->close();
}

std::size_t SimNode::cut_power(RandomStream& random, bool torn) {
  kill();
  return disk_.lose_power(random, torn);
}

void SimNode::resume() {
  if (!paused_) return;
  paused_ = false;
  if (!is_up()) return;
  // Time first: a node that was frozen must notice before it looks at what piled up.
  step(Tick{monotonic_.read(scheduler_.now())});
  auto missed = std::exchange(missed_, {});
  for (auto& action : missed)
    if (is_up()) action();
}

void SimNode::when_running(std::function<void()> action) {
  if (!is_up()) return;
  if (!paused_) return action();
  if (missed_.size() < kMissedMax) missed_.push_back(std::move(action));
}

void SimNode::tick() {
  if (!paused_) {
    step(Tick{monotonic_.read(scheduler_.now())});
    if (!is_up()) return;  // a fault killed it at a write
    for (auto& [peer, link] : links_) link->tick();
  }
  const auto pause = Duration(static_cast<Duration::rep>(static_cast<double>(kTick.count()) / monotonic_.speed()));
  scheduler_.after(pause, [this, life = life_] {
    if (this->life() == life) tick();
  });
}

void SimNode::receive(const NodeId& from, const Message& message) {
  if (!is_up()) return;
  if (!paused_) return step(Received{from, message});
  when_running([this, from, message] { step(Received{from, message}); });
}

void SimNode::write(Command command, Answered answered) {
  when_running([this, command = std::move(command), answered = std::move(answered)]() mutable {
    const RequestId request = ++next_request_;
    waiting_[request] = std::move(answered);
    step(Proposed{request, std::move(command)});
  });
}

void SimNode::read(std::string key, Answered answered) {
  when_running([this, key = std::move(key), answered = std::move(answered)]() mutable {
    const RequestId request = ++next_request_;
    waiting_[request] = std::move(answered);
    step(ReadRequested{request, std::move(key)});
  });
}

SimLink* SimNode::link(const NodeId& peer) {
  const auto found = links_.find(peer);
  return found == links_.end() ? nullptr : found->second.get();
}

void SimNode::step(const Input& input) {
  ++steps_;
  Output output = raft_->step(input);
  for (const Effect& effect : output.effects) perform(effect);
  sequence_ = output.sequence;
  if (!output.persist.empty()) write_records(output.persist);
}

void SimNode::perform(const Effect& effect) {
  if (const auto* event = std::get_if<Event>(&effect)) {
    events_.push_back(event_record(*event, options_.self.value(), begin_ns_ + scheduler_.now().count()));
  } else if (const auto* send = std::get_if<Send>(&effect)) {
    if (const auto link = links_.find(send->to); link != links_.end()) link->second->send(send->message);
  } else {
    const auto& answer = std::get<Answer>(effect);
    const auto waiting = waiting_.find(answer.request);
    if (waiting == waiting_.end()) return;
    const Answered answered = std::move(waiting->second);
    waiting_.erase(waiting);
    answered(answer.reply);
  }
}

void SimNode::write_records(const std::vector<Record>& records) {
  Duration waits{};
  for (const Record& record : records) {
    std::string bytes = wal_bytes(record);
    const auto delay = extra([&](DiskFault& fault) { return fault.write(bytes.size()); });
    if (!delay) return disk_failed();
    waits += *delay;
    if (std::holds_alternative<Compaction>(record)) {
      disk_.replace(wal_header() + bytes);
    } else {
      disk_.append(bytes);
    }
  }
  if (syncing_) return;
  syncing_ = true;
  scheduler_.after(waits, [this, life = life_] {
    if (this->life() == life) sync();
  });
}

void SimNode::sync() {
  const std::size_t writes = disk_.unsynced();
  Duration takes = fsync_ ? kSyncMin + Duration(static_cast<Duration::rep>(random_.below(kSyncSpreadNs))) : Duration{};
  const auto delay = extra([](DiskFault& fault) { return fault.sync(); });
  if (!delay) return disk_failed();
  takes += *delay;
  scheduler_.after(takes, [this, life = life_, writes, sequence = sequence_] {
    if (this->life() == life) when_running([this, writes, sequence] { synced(writes, sequence); });
  });
}

void SimNode::synced(std::size_t writes, std::uint64_t sequence) {
  // Without fsync the kernel writes back what has been lying around for long.
  if (fsync_) disk_.sync(writes);
  if (!fsync_ && disk_.unsynced() > kWrittenBackBehind) disk_.sync(disk_.unsynced() - kWrittenBackBehind);
  const std::uint64_t life = life_;
  for (DiskFault* fault : std::vector(disk_faults_)) fault->synced();
  if (this->life() != life) return;
  when_running([this, sequence] {
    step(Persisted{sequence});
    if (sequence_ != sequence) return sync();
    syncing_ = false;
  });
}

std::optional<Duration> SimNode::extra(const std::function<std::optional<Duration>(DiskFault&)>& call) {
  Duration total{};
  for (DiskFault* fault : std::vector(disk_faults_)) {
    const auto delay = call(*fault);
    if (!delay) return std::nullopt;
    total += *delay;
  }
  return total;
}

// What was promised is in doubt: the real one ends itself as well.
void SimNode::disk_failed() {
  scheduler_.after(Duration{}, [this, life = life_] {
    if (this->life() == life) kill();
  });
}

}  // namespace fracas::raft
