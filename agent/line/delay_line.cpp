#include "agent/line/delay_line.h"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "agent/bpf/net.abi.h"
#include "agent/line/damage.h"
#include "agent/line/flow_schedule.h"
#include "agent/line/release_queue.h"
#include "agent/line/short_rests.h"
#include "agent/line/tap.h"
#include "agent/line/wake_lead.h"
#include "lib/base/ensure.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kHeartbeat = 20 * kMillisecond;
constexpr std::int64_t kHeartbeatReach = 100 * kMillisecond;
// A processor may still be in the classifier with a rule that has just ended.
constexpr std::int64_t kClassifierGrace = 2 * kMillisecond;
constexpr std::size_t kReadRoom = std::size_t{66} << 10;
constexpr unsigned kFramesAtOnce = 64;  // between two looks at what is due
// How long frames may wait in the TAP, whose queue takes far more than come in that time.
constexpr std::int64_t kUnreadMax = 4 * kMillisecond;
constexpr std::int64_t kUnreadMin = kMillisecond / 10;  // below it, each arrival wakes the thread
constexpr std::size_t kSpareBytesMax = 4096;
constexpr std::size_t kSparesMax = 4096;  // buffers kept for frames to come

// What the line's thread does with one rule's packets; read by others.
struct RuleState {
  // Of what leaves and of what arrives, while the rule is there; guarded by the line's mutex.
  std::optional<std::array<FlowSchedule, 2>> schedules;
  std::optional<Damage> damage;
  std::int64_t least_ns = 0;        // the shortest a packet is held
  std::int64_t reach_ns = 0;        // … and the longest
  std::int64_t drain_since_ns = 0;  // 0: not draining
  std::uint64_t held = 0;
  std::uint64_t dropped = 0;
  model::EffectCounters counters;
};

void count(model::EffectCounters& counters, std::size_t bytes, std::int64_t now_ns) {
  ++counters.affected;
  counters.bytes += bytes;
  if (counters.first_ns == 0) counters.first_ns = now_ns;
  counters.last_ns = now_ns;
}

}  // namespace

struct DelayLine::Thread {
  Thread(LineTap tap_, LineOutlet outlet_, os::UniqueFd wake_, Options options_)
      : tap(std::move(tap_)), outlet(std::move(outlet_)), wake(std::move(wake_)), options(std::move(options_)) {}

  void run();
  void stop();
  bool take_in();
  void take_in_one(Frame frame, std::int64_t now_ns);
  void release(std::int64_t now_ns);
  void send(std::span<Frame> frames);
  void report_drained(std::int64_t now_ns);
  void sleep(std::int64_t now_ns, bool more);
  void set_unread();
  void nudge() const {
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake.get(), &one, sizeof one));
  }

  LineTap tap;
  LineOutlet outlet;
  os::UniqueFd wake;
  Options options;
  ReleaseQueue queue;            // the thread's alone
  std::uint64_t bytes_held = 0;  // the thread's alone
  WakeLead lead;                 // the thread's alone
  ShortRests rests;              // the thread's alone
  std::vector<std::byte> room = std::vector<std::byte>(kReadRoom);
  std::vector<std::vector<std::byte>> spares;  // the thread's alone

  std::mutex mutex;  // guards `rules`; held for the work on kFramesAtOnce frames at most
  std::condition_variable drained;
  std::array<RuleState, FRACAS_NET_RULES> rules;

  // How long frames may wait in the TAP while others are held, so that not each of them wakes the thread; 0: not at
  // all.
  std::atomic<std::int64_t> unread_ns = 0;
  std::atomic<bool> stopping = false;
  std::thread thread;
};

void DelayLine::Thread::run() {
  // Real-time priority needs CAP_SYS_NICE; without it the line works, less evenly on a busy host.
  sched_param priority{};
  priority.sched_priority = 10;
  ::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority);
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  while (!stopping) {
    const std::int64_t now_ns = os::boot_now_ns();
    options.keep_alive(now_ns + kHeartbeatReach);
    release(now_ns);
    const bool more = take_in();
    if (!more) report_drained(now_ns);
    sleep(os::boot_now_ns(), more);
  }
  options.keep_alive(0);
  while (take_in()) {
  }
  release(std::numeric_limits<std::int64_t>::max());
}

void DelayLine::Thread::stop() {
  stopping = true;
  nudge();
  if (thread.joinable()) thread.join();
}

// True if more may wait.
bool DelayLine::Thread::take_in() {
  const std::lock_guard lock(mutex);
  std::int64_t now_ns = os::boot_now_ns();  // read anew for frames that came since
  for (unsigned i = 0; i < kFramesAtOnce; ++i) {
    const auto size = tap.read(room);
    if (!size) return false;
    std::vector<std::byte> bytes;
    if (!spares.empty()) {
      bytes = std::move(spares.back());
      spares.pop_back();
    }
    auto frame = parse_held_frame(std::span(room).first(*size), std::move(bytes));
    if (!frame) continue;
    if (frame->arrived_ns > now_ns) now_ns = os::boot_now_ns();
    take_in_one(std::move(*frame), now_ns);
  }
  return true;
}

// REQUIRES: the mutex.
void DelayLine::Thread::take_in_one(Frame frame, std::int64_t now_ns) {
  RuleState& rule = rules[frame.rule];
  if (!rule.schedules) return;  // sent by a rule that is gone: a bug, since a rule is drained before it goes
  if (bytes_held + frame.bytes.size() > options.bytes_held_max) {
    ++rule.dropped;
    return;
  }
  // A stamp from the future could only be another clock's.
  const std::int64_t arrived_ns = std::min(frame.arrived_ns, now_ns);
  const auto wire = std::span(frame.bytes).subspan(sizeof(VnetHeader));
  FlowSchedule& schedule = (*rule.schedules)[frame.arriving ? 1 : 0];
  const auto due_ns = schedule.due_ns(arrived_ns, flow_hash(wire), wire.size());
  if (!due_ns) {
    count(rule.counters, wire.size(), now_ns);
    return;
  }
  if (rule.damage) frame.counts = rule.damage->apply(wire, arrived_ns);
  ++rule.held;
  bytes_held += frame.bytes.size();
  queue.push(*due_ns, std::move(frame));
}

void DelayLine::Thread::release(std::int64_t now_ns) {
  std::array<Frame, LineOutlet::kAtOnce> due;
  std::size_t taken = 0;
  do {
    taken = 0;
    while (taken < due.size()) {
      auto frame = queue.pop(now_ns);
      if (!frame) break;
      bytes_held -= frame->bytes.size();
      due[taken++] = std::move(*frame);
    }
    if (taken > 0) send(std::span(due).first(taken));
  } while (taken == due.size());
}

void DelayLine::Thread::send(std::span<Frame> frames) {
  const std::uint32_t taken = outlet.send(frames);
  const std::int64_t now_ns = os::boot_now_ns();
  const std::lock_guard lock(mutex);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    Frame& frame = frames[i];
    RuleState& rule = rules[frame.rule];
    --rule.held;
    if ((taken >> i & 1U) == 0)
      ++rule.dropped;
    else if (frame.counts)
      count(rule.counters, frame.wire_bytes(), now_ns);
    if (spares.size() < kSparesMax && frame.bytes.capacity() <= kSpareBytesMax)
      spares.push_back(std::move(frame.bytes));
  }
}

// REQUIRES: the TAP was seen empty after `now_ns`.
void DelayLine::Thread::report_drained(std::int64_t now_ns) {
  const std::lock_guard lock(mutex);
  bool any = false;
  for (RuleState& rule : rules) {
    if (rule.drain_since_ns == 0 || rule.held > 0 || now_ns < rule.drain_since_ns + kClassifierGrace) continue;
    rule.drain_since_ns = 0;
    rule.schedules.reset();
    any = true;
  }
  if (!any) return;
  set_unread();
  drained.notify_all();
}

// REQUIRES: the mutex. What arrived last is read in time for the rule that holds packets the shortest.
void DelayLine::Thread::set_unread() {
  std::int64_t least_ns = 2 * kUnreadMax;
  for (const RuleState& rule : rules)
    if (rule.schedules) least_ns = std::min(least_ns, rule.least_ns);
  unread_ns = least_ns / 2 < kUnreadMin ? 0 : least_ns / 2;
}

void DelayLine::Thread::sleep(std::int64_t now_ns, bool more) {
  std::int64_t wait_ns = kHeartbeat;
  const auto due_ns = queue.next_due_ns();
  const std::int64_t unread = due_ns ? unread_ns.load() : 0;
  if (unread > 0) wait_ns = unread;
  if (due_ns) wait_ns = std::min(*due_ns - now_ns - lead.ns(), wait_ns);
  const bool busy = more || wait_ns <= 0;  // due within the lead: the thread stays awake and looks again
  if (busy && !rests.is_due(now_ns)) return;
  if (busy) wait_ns = ShortRests::kRest;
  // A rest is one whatever waits in the TAP, and so is the sleep of a thread that will look in time.
  std::array<pollfd, 2> waiting = {pollfd{wake.get(), POLLIN, 0}, pollfd{tap.fd(), POLLIN, 0}};
  const timespec timeout{0, wait_ns};
  const int events = ::ppoll(waiting.data(), busy || unread > 0 ? 1 : 2, &timeout, nullptr);
  const std::int64_t woke_ns = os::boot_now_ns();
  rests.slept(now_ns, woke_ns);
  if (events == 0 && due_ns && !busy) lead.observe(woke_ns - now_ns - wait_ns);
  if (events <= 0) return;
  std::uint64_t nudges = 0;
  if ((waiting[0].revents & POLLIN) != 0) static_cast<void>(::read(wake.get(), &nudges, sizeof nudges));
}

DelayLine::DelayLine(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}

Result<std::unique_ptr<DelayLine>> DelayLine::open(const os::NetNamespace& netns, Options options) {
  auto tap = LineTap::open(netns, options.as_on_wire);
  if (!tap) return failure(std::move(tap).error().context("delay line"));
  auto outlet = LineOutlet::open(netns);
  if (!outlet) return failure(std::move(outlet).error().context("delay line"));
  os::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return system_failure("delay line: eventfd");
  auto thread = std::make_unique<Thread>(std::move(*tap), std::move(*outlet), std::move(wake), std::move(options));
  thread->options.keep_alive(os::boot_now_ns() + kHeartbeatReach);  // the thread may take a moment to start
  thread->thread = std::thread([line = thread.get()] { line->run(); });
  return std::unique_ptr<DelayLine>(new DelayLine(std::move(thread)));
}

DelayLine::~DelayLine() {
  thread_->stop();
}

int DelayLine::ifindex() const {
  return thread_->tap.ifindex();
}

void DelayLine::add(unsigned rule, const LineRule& how) {
  ensure(rule < FRACAS_NET_RULES, "a delay line's rule is below FRACAS_NET_RULES");
  const std::lock_guard lock(thread_->mutex);
  RuleState& state = thread_->rules[rule];
  state = RuleState{};
  LineRule arriving = how;
  arriving.seed = ~how.seed;
  state.schedules = {FlowSchedule(how), FlowSchedule(arriving)};
  if (how.corrupt) state.damage.emplace(how.seed);
  state.least_ns = FlowSchedule::least_ns(how);
  state.reach_ns = how.rate_bytes > 0 ? kRateQueue.count() : how.delay.count() + Jitter::reach_ns(how);
  thread_->set_unread();
  thread_->nudge();
}

Status DelayLine::drain(unsigned rule) {
  std::unique_lock lock(thread_->mutex);
  RuleState& state = thread_->rules[rule];
  if (!state.schedules) return {};
  if (state.drain_since_ns == 0) state.drain_since_ns = os::boot_now_ns();
  const auto patience = std::chrono::nanoseconds(state.reach_ns + 1000 * kMillisecond);
  thread_->nudge();
  if (thread_->drained.wait_for(lock, patience, [&] { return !state.schedules.has_value(); })) return {};
  return failure(fmt::format("delay line: {} packets are held longer than asked", state.held));
}

model::EffectCounters DelayLine::counts(unsigned rule) const {
  const std::lock_guard lock(thread_->mutex);
  return thread_->rules[rule].counters;
}

std::uint64_t DelayLine::dropped(unsigned rule) const {
  const std::lock_guard lock(thread_->mutex);
  return thread_->rules[rule].dropped;
}

}  // namespace fracas::agent
