#include "controller/workload/load.h"

#include <fmt/format.h>

#include <future>

#include "controller/workload/call_events.h"
#include "lib/os/clock.h"

namespace fracas::controller {

Load::Load(LoadOptions options, Recorder& recorder)
    : options_(std::move(options)), recorder_(recorder), generator_(make_generator(options_.calls, options_.seed)) {}

Result<std::unique_ptr<Load>> Load::start(LoadOptions options, Recorder& recorder) {
  std::unique_ptr<Load> load(new Load(std::move(options), recorder));
  std::vector<std::future<Status>> entered;
  for (std::size_t i = 0; i < load->options_.clients; ++i) {
    std::promise<Status> promise;
    entered.push_back(promise.get_future());
    load->threads_.emplace_back([&load = *load, i, promise = std::move(promise)]() mutable {
      Status status = load.options_.enter ? load.options_.enter() : Status{};
      const bool serves = status.has_value();
      promise.set_value(std::move(status));
      if (serves) load.serve(i);
    });
  }
  for (std::future<Status>& answer : entered)
    if (Status status = answer.get(); !status) return failure(std::move(status).error().context("workload client"));
  load->arrivals_ = std::jthread([&load = *load](const std::stop_token& stopping) { load.arrive(stopping); });
  return load;
}

Load::~Load() {
  stop();
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
    waiting_.clear();
  }
  arrived_.notify_all();
  threads_.clear();
}

void Load::arrive(const std::stop_token& stopping) {
  RandomStream random(options_.seed, "workload/arrivals");
  double next_ns = static_cast<double>(os::boot_now_ns());
  while (true) {
    next_ns += random.exponential(1e9 / options_.rate);
    if (static_cast<std::int64_t>(next_ns) > os::boot_now_ns())
      os::sleep_until_boot_ns(static_cast<std::int64_t>(next_ns));
    {
      const std::scoped_lock lock(mutex_);
      if (stopping.stop_requested()) return;
      if (waiting_.size() >= idle_) {
        shed_.fetch_add(1);
        continue;
      }
      waiting_.push_back(generator_->next());
    }
    arrived_.notify_one();  // who wakes finds the lock free
  }
}

bool Load::take(Call& call) {
  std::unique_lock lock(mutex_);
  ++idle_;
  if (settled()) settled_.notify_all();
  arrived_.wait(lock, [&] { return closing_ || !waiting_.empty(); });
  --idle_;
  if (waiting_.empty()) return false;
  call = std::move(waiting_.back());
  waiting_.pop_back();
  return true;
}

void Load::serve(std::size_t number) {
  std::uint32_t life = 0;
  std::string process = fmt::format("c{}", number + 1);
  std::unique_ptr<Client> client;
  Call call;
  while (take(call)) {
    if (!client) client = options_.client(seat_of(next_client_.fetch_add(1), number, options_.near));
    model::Event event = invocation(process, call);
    recorder_.record(event);
    complete(event, client->call(call, options_.timeout));
    const bool unknown = event.type == model::EventType::info;
    recorder_.record(std::move(event));
    if (!unknown) continue;
    // The operation stays open for ever, and a process has one at a time: from here on it is another client.
    client.reset();
    process = fmt::format("c{}.{}", number + 1, ++life);
  }
}

void Load::stop() {
  if (arrivals_.joinable()) {
    arrivals_.request_stop();
    arrivals_.join();
  }
  std::unique_lock lock(mutex_);
  settled_.wait_for(lock, options_.timeout * 2, [&] { return settled(); });
}

void Load::read_all(Duration patience) {
  std::unique_lock lock(mutex_);
  waiting_ = generator_->final_calls();
  arrived_.notify_all();
  if (!settled_.wait_for(lock, patience, [&] { return settled(); })) waiting_.clear();
}

}  // namespace fracas::controller
