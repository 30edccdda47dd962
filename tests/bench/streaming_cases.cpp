#include "tests/bench/streaming_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

#include "checker/streaming/line_stream.h"
#include "tests/bench/simulated_clients.h"

namespace fracas::bench {
namespace {

using checker::History;
using checker::Operation;
using model::EventType;

constexpr std::int64_t kOperations = 500'000;
constexpr std::size_t kBytesMax = std::size_t{4} << 20U;

struct Row {
  std::uint32_t operation = 0;
  bool end = false;
};

// The events of a history in their order.
std::vector<Row> events_of(const History& history) {
  std::vector<Row> rows(history.events);
  for (std::uint32_t i = 0; i < history.operations.size(); ++i) {
    const Operation& operation = history.operations[i];
    rows[operation.invoke] = {i, false};
    if (operation.completion != checker::kNone) rows[operation.completion] = {i, true};
  }
  return rows;
}

EventType type_of(const Operation& operation) {
  if (operation.outcome == checker::Outcome::ok) return EventType::ok;
  return operation.outcome == checker::Outcome::fail ? EventType::fail : EventType::info;
}

// As the run of an experiment would tell them.
std::string follow(const History& history, const std::vector<Row>& rows, bool cas) {
  checker::Stream stream({.cas = cas});
  std::size_t bytes_max = 0, fed = 0;
  for (const Row& row : rows) {
    const Operation& operation = history.operations[row.operation];
    checker::StreamEvent event;
    event.time_ns = row.end ? operation.return_ns : operation.invoke_ns;
    event.type = row.end ? type_of(operation) : EventType::invoke;
    event.function = operation.function;
    event.process = history.processes[operation.process];
    event.key = stream.values().adopt(history.values, operation.key);
    event.value = stream.values().adopt(history.values, row.end ? operation.result : operation.argument);
    if (auto added = stream.add(event); !added) return added.error().message;
    if (++fed % 5'000 == 0) stream.catch_up();
    if (fed % 50'000 == 0) bytes_max = std::max(bytes_max, stream.bytes());
  }
  stream.finish();
  if (stream.verdict() != checker::Verdict::pass) return fmt::format("the verdict is {}", name(stream.verdict()));
  return bytes_max > kBytesMax ? fmt::format("{} bytes are held", bytes_max) : "";
}

std::function<Work()> events(const Workload& workload) {
  return [workload]() -> Work {
    const auto history = std::make_shared<const History>(simulate(workload));
    const auto rows = std::make_shared<const std::vector<Row>>(events_of(*history));
    const bool cas = workload.kind == Workload::Kind::cas;
    return [history, rows, cas] { return follow(*history, *rows, cas); };
  };
}

// As fracas check --follow reads them, 64 KiB at a time.
std::function<Work()> lines(const Workload& workload) {
  return [workload]() -> Work {
    const auto text = std::make_shared<const std::string>(json_lines(simulate(workload)));
    return [text]() -> std::string {
      checker::Stream stream({});
      checker::LineStream lines(stream, "bench");
      for (std::size_t at = 0; at < text->size(); at += std::size_t{64} << 10U)
        if (auto added = lines.add(std::string_view(*text).substr(at, std::size_t{64} << 10U)); !added)
          return added.error().message;
      if (auto finished = lines.finish(); !finished) return finished.error().message;
      return stream.verdict() == checker::Verdict::pass ? "" : "the verdict is wrong";
    };
  };
}

}  // namespace

std::vector<Case> streaming_cases() {
  constexpr double kGoalMs = static_cast<double>(kOperations) / 50.0;
  const auto load = [](std::int64_t keys, std::int64_t clients, Workload::Kind kind) {
    return Workload{.operations = kOperations, .keys = keys, .clients = clients, .kind = kind};
  };
  using Kind = Workload::Kind;
  return {
      {"streaming: 5x10^5 operations, 100 keys, 50 clients",
       "",
       kGoalMs,
       {},
       events(load(100, 50, Kind::unique_writes))},
      {"streaming: 5x10^5 operations, 10 keys, 50 clients", "", kGoalMs, {}, events(load(10, 50, Kind::unique_writes))},
      {"streaming: 5x10^5 operations, 1 key, 10 clients", "", kGoalMs, {}, events(load(1, 10, Kind::unique_writes))},
      {"streaming: 5x10^5 operations, 10 keys, 50 clients, cas", "", kGoalMs, {}, events(load(10, 50, Kind::cas))},
      {"streaming: 5x10^5 operations, 1 key, 10 clients, cas", "", kGoalMs, {}, events(load(1, 10, Kind::cas))},
      {"streaming: 5x10^5 operations, 100 keys, as JSON lines",
       "",
       kGoalMs,
       {},
       lines(load(100, 50, Kind::unique_writes))},
  };
}

}  // namespace fracas::bench
