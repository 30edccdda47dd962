#include "targets/node/sim/sim_node.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fracas::node {
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

SimNode::SimNode(sim::Scheduler& scheduler, SimNodeOptions options, SimProgram program)
    : scheduler_(scheduler),
      options_(std::move(options)),
      program_(std::move(program)),
      random_(options_.seed, "node/sim/" + options_.name) {
  disk_.append(program_.empty_file);
  disk_.sync(1);
}

void SimNode::connect(SimNode& peer, std::unique_ptr<SimLink> link) {
  peer.callers_.push_back(link.get());
  link->stir();
  used_ = links_.insert_or_assign(peer.name(), std::move(link)).first;
}

Status SimNode::start() {
  const std::string file = disk_.contents();
  // As the real one does: what was read here is about to be relied on, and its last process may have died before a
  // sync.
  if (options_.fsync) disk_.sync(disk_.unsynced());
  auto started = program_.start(*this, file, life_);
  if (!started) return failure(std::move(started).error());
  if (started->good_bytes != file.size()) disk_.truncate(started->good_bytes);
  process_ = std::move(started->process);
  for (SimLink* link : callers_) link->stir();
  ++life_;
  syncing_ = false;
  sequence_ = 0;
  process_->tick();
  // Processes that are started together do not tick together.
  scheduler_.after(Duration(static_cast<Duration::rep>(random_.below(static_cast<std::uint64_t>(kTick.count())))),
                   [this, life = life_] {
                     if (this->life() == life) tick();
                   });
  return {};
}

void SimNode::kill() {
  if (process_) dead_ = std::move(process_);
  paused_ = false;
  missed_.clear();
  for (auto& [peer, link] : links_) link->close();
  for (SimLink* link : callers_) link->stir();
}

sim::Disk::Loss SimNode::cut_power(RandomStream& random, bool torn) {
  kill();
  return disk_.lose_power(random, torn);
}

void SimNode::resume() {
  if (!paused_) return;
  paused_ = false;
  if (!is_up()) return;
  // Time first: a node that was frozen must notice before it looks at what piled up.
  process_->tick();
  auto missed = std::exchange(missed_, {});
  for (auto& action : missed)
    if (is_up()) action(*process_);
}

void SimNode::miss(SimLink::Arrival action) {
  if (missed_.size() < kMissedMax) missed_.push_back(std::move(action));
}

void SimNode::tick() {
  if (!paused_) {
    process_->tick();
    if (!is_up()) return;  // a fault killed it at a write
    std::erase_if(restless_, [](SimLink* link) { return link->tick(); });
  }
  const auto pause = Duration(static_cast<Duration::rep>(static_cast<double>(kTick.count()) / monotonic_.speed()));
  scheduler_.after(pause, [this, life = life_] {
    if (this->life() == life) tick();
  });
}

HostTime SimNode::time() {
  const Duration now = scheduler_.now();
  return {monotonic_.read(now), realtime_.read(now) + Duration(options_.begin_ns)};
}

// Who sends to all goes through them in their order, and who answers has one to answer to: mostly it is the same again,
// or the next.
SimLink* SimNode::link(const std::string& peer) {
  if (links_.empty()) return nullptr;
  if (used_->first == peer) return used_->second.get();
  auto found = std::next(used_);
  if (found == links_.end()) found = links_.begin();
  if (found->first != peer) found = links_.find(peer);
  if (found == links_.end()) return nullptr;
  used_ = found;
  return found->second.get();
}

const SimLink* SimNode::link(const std::string& peer) const {
  const auto found = links_.find(peer);
  return found == links_.end() ? nullptr : found->second.get();
}

void SimNode::write(std::vector<SimWrite> writes, std::uint64_t sequence) {
  if (!is_up()) return;
  sequence_ = sequence;
  Duration waits{};
  for (SimWrite& write : writes) {
    const auto delay = extra([&](DiskFault& fault) { return fault.write(write.bytes.size()); });
    if (!delay) return disk_failed();
    waits += *delay;
    if (write.replaces) {
      disk_.replace(std::move(write.bytes));
    } else {
      disk_.append(std::move(write.bytes));
    }
  }
  if (syncing_) return;
  syncing_ = true;
  if (waits.count() == 0) return sync();
  scheduler_.after(waits, [this, life = life_] {
    if (this->life() == life) sync();
  });
}

void SimNode::sync() {
  const std::size_t writes = disk_.unsynced();
  Duration takes =
      options_.fsync ? kSyncMin + Duration(static_cast<Duration::rep>(random_.below(kSyncSpreadNs))) : Duration{};
  const auto delay = extra([](DiskFault& fault) { return fault.sync(); });
  if (!delay) return disk_failed();
  takes += *delay;
  scheduler_.after(takes, [this, life = life_, writes, sequence = sequence_] {
    if (this->life() == life) when_running([this, writes, sequence](SimProcess&) { synced(writes, sequence); });
  });
}

void SimNode::synced(std::size_t writes, std::uint64_t sequence) {
  // Without fsync the kernel writes back what has been lying around for long.
  if (options_.fsync) disk_.sync(writes);
  if (!options_.fsync && disk_.unsynced() > kWrittenBackBehind) disk_.sync(disk_.unsynced() - kWrittenBackBehind);
  const std::uint64_t life = life_;
  for (DiskFault* fault : std::vector(disk_faults_)) fault->synced();
  if (this->life() != life) return;
  when_running([this, sequence](SimProcess& process) {
    process.persisted(sequence);
    if (!is_up()) return;
    if (sequence_ != sequence) return sync();
    syncing_ = false;
  });
}

std::optional<Duration> SimNode::extra(const std::function<std::optional<Duration>(DiskFault&)>& call) {
  Duration total{};
  if (disk_faults_.empty()) return total;
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

}  // namespace fracas::node
