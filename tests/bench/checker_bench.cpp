// How fast the checker decides. Histories are made here, from a seed: clients that really run one after another on one
// register a key, so every history is linearizable, and as concurrent as its clients.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "checker/catalogue.h"
#include "checker/history/history_builder.h"
#include "lib/base/random.h"

namespace {

using namespace fracas;

struct Shape {
  std::int64_t operations;
  std::int64_t keys;
  std::int64_t clients;
  double info = 0;
};

struct Pending {
  std::int64_t return_ns;
  model::Event completion;
};

// Each operation takes effect at its invocation, returns some time later, and a share of them never answers.
std::vector<model::Event> make_history(const Shape& shape) {
  RandomStream random(1, "bench");
  std::vector<model::Event> events;
  std::vector<Pending> open(static_cast<std::size_t>(shape.clients));
  std::vector<int> lives(open.size(), 0);
  std::map<std::string, std::int64_t> values;
  std::int64_t now = 0;
  for (std::int64_t i = 0; i < shape.operations; ++i) {
    const auto client = static_cast<std::size_t>(random.below(open.size()));
    if (open[client].return_ns > now) now = open[client].return_ns + 1;
    std::sort(open.begin(), open.end(), [](const Pending& a, const Pending& b) { return a.return_ns < b.return_ns; });
    for (Pending& pending : open) {
      if (pending.return_ns == 0 || pending.return_ns > now) continue;
      events.push_back(pending.completion);
      pending.return_ns = 0;
    }
    auto free = std::find_if(open.begin(), open.end(), [](const Pending& pending) { return pending.return_ns == 0; });
    const auto slot = static_cast<std::size_t>(free - open.begin());
    model::Event event;
    event.time_ns = ++now;
    event.process = "c" + std::to_string(i);
    event.key = "k" + std::to_string(random.below(static_cast<std::uint64_t>(shape.keys)));
    event.type = model::EventType::invoke;
    std::int64_t& value = values[event.key];
    const bool read = value != 0 && random.chance(0.5);
    event.function = read ? model::Function::read : model::Function::write;
    if (!read) event.value = value = i + 1;
    events.push_back(event);
    if (!read && random.chance(shape.info)) continue;
    event.type = model::EventType::ok;
    event.value = value;
    event.time_ns = now + 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(shape.clients) * 2));
    open[slot] = {event.time_ns, event};
  }
  for (const Pending& pending : open)
    if (pending.return_ns != 0) events.push_back(pending.completion);
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
  return events;
}

void decide(benchmark::State& state, const Shape& shape, const checker::ModelKind& model) {
  const auto history = checker::history_of(make_history(shape));
  for (auto _ : state) {
    const auto result = checker::check(*history, model, {});
    if (!result || result->verdict != checker::Verdict::pass) state.SkipWithError("the history must pass");
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations() * shape.operations);
}

void register_benches() {
  for (const std::string name : {"register", "cas-register"}) {
    const checker::ModelKind* model = *checker::find_model(name);
    for (const Shape& shape : {Shape{10'000, 20, 10}, Shape{100'000, 200, 50}, Shape{100'000, 20, 10, 0.02}})
      benchmark::RegisterBenchmark(
          (name + "/" + std::to_string(shape.operations) + "ops/" + std::to_string(shape.keys) + "keys/" +
           std::to_string(shape.clients) + "clients/" + std::to_string(static_cast<int>(shape.info * 100)) + "%info")
              .c_str(),
          [shape, model](benchmark::State& state) { decide(state, shape, *model); })
          ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace

int main(int argc, char** argv) {
  register_benches();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
