#include "controller/report/operation_columns.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "checker/explain/text.h"
#include "checker/history/history_builder.h"
#include "checker/invariants/availability.h"
#include "controller/report/wording.h"

namespace fracas::controller {
namespace {

// A table of distinct texts: each is stored once and known by its index.
class Texts {
 public:
  std::uint32_t index_of(std::string_view text) {
    const auto [place, added] = indexes_.try_emplace(std::string(text), static_cast<std::uint32_t>(all_.size()));
    if (added) all_.emplace_back(text);
    return place->second;
  }
  std::vector<std::string> take() && { return std::move(all_); }

 private:
  std::unordered_map<std::string, std::uint32_t> indexes_;
  std::vector<std::string> all_;
};

// Chooses `wanted` of `available` things, evenly spread over the sequence.
class EvenSample {
 public:
  EvenSample(std::uint64_t wanted, std::uint64_t available) : wanted_(wanted), available_(available) {}
  bool keep_next() {
    due_ += wanted_;
    if (due_ < available_) return false;
    due_ -= available_;
    return true;
  }

 private:
  std::uint64_t wanted_;
  std::uint64_t available_;
  std::uint64_t due_ = 0;
};

// The events, and the operations they make.
struct Source {
  std::span<const model::Event> events;
  const checker::History& history;
};

Drawn drawn_as(const checker::Operation& operation) {
  if (checker::answered(operation)) return Drawn::answered;
  return operation.outcome == checker::Outcome::fail ? Drawn::failed : Drawn::unknown;
}

// Until the completion event, whatever it said: an info one tells when its client gave up.
std::int64_t took_us(const Source& source, const checker::Operation& operation) {
  if (operation.completion == checker::kNone) return -1;
  return (source.events[operation.completion].time_ns - operation.invoke_ns) / 1000;
}

std::int64_t quantile(std::vector<std::int64_t>& values, std::size_t percent) {
  if (values.empty()) return 0;
  const auto place = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) * percent / 100);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

void count(const Source& source, std::int64_t origin_ns, DrawnOperations& drawn) {
  std::vector<std::int64_t> latencies;
  for (const checker::Operation& operation : source.history.operations) {
    const Drawn as = drawn_as(operation);
    const auto outcome = static_cast<std::size_t>(as);
    ++drawn.totals[outcome];
    if (as == Drawn::answered) latencies.push_back(took_us(source, operation));
    const std::int64_t since_us = std::max<std::int64_t>(0, (operation.invoke_ns - origin_ns) / 1000);
    const auto bucket = static_cast<std::size_t>(since_us / drawn.buckets.width_us);
    if (bucket >= drawn.buckets.counts[0].size())
      for (auto& counts : drawn.buckets.counts) counts.resize(bucket + 1);
    ++drawn.buckets.counts[outcome][bucket];
  }
  drawn.p50_us = quantile(latencies, 50);
  drawn.p99_us = quantile(latencies, 99);
}

void fill(const Source& source, std::int64_t origin_ns, EvenSample sample, OperationColumns& columns) {
  Texts nodes;
  Texts errors;
  for (const checker::Operation& operation : source.history.operations) {
    const Drawn as = drawn_as(operation);
    if (as == Drawn::answered && !sample.keep_next()) continue;
    const bool completed = operation.completion != checker::kNone;
    columns.start_us.push_back((operation.invoke_ns - origin_ns) / 1000);
    columns.took_us.push_back(took_us(source, operation));
    columns.outcome.push_back(as);
    columns.client.push_back(operation.process);
    columns.node.push_back(nodes.index_of(source.history.node_of(operation)));
    columns.error.push_back(errors.index_of(completed ? source.events[operation.completion].error : ""));
    std::string says =
        operation_text(checker::show(source.history, operation), checker::key_text(source.history, operation.key));
    if (as == Drawn::answered && operation.outcome == checker::Outcome::fail) says += " (did not match)";
    columns.says.push_back(std::move(says));
  }
  columns.clients = source.history.processes;
  columns.nodes = std::move(nodes).take();
  columns.errors = std::move(errors).take();
}

}  // namespace

Result<DrawnOperations> draw_operations(std::span<const model::Event> history, std::int64_t origin_ns,
                                        std::size_t limit) {
  const auto operations = checker::history_of(history);
  if (!operations) return failure(operations.error());
  const Source source{history, *operations};
  DrawnOperations drawn;
  count(source, origin_ns, drawn);
  const std::uint64_t others = drawn.totals[1] + drawn.totals[2];
  const std::uint64_t room = limit > others ? limit - others : 0;
  fill(source, origin_ns, EvenSample(std::min(room, drawn.totals[0]), drawn.totals[0]), drawn.columns);
  return drawn;
}

}  // namespace fracas::controller
