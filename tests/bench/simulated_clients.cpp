#include "tests/bench/simulated_clients.h"

#include <fmt/format.h>

#include <iterator>
#include <queue>
#include <string>
#include <vector>

#include "checker/history/history_builder.h"
#include "lib/base/ensure.h"
#include "lib/base/random.h"

namespace fracas::bench {
namespace {

using checker::EventRow;
using checker::Function;
using checker::Value;
using Kind = Workload::Kind;
using model::EventType;

constexpr std::int64_t kLatencyNs = 1'000'000;  // of an operation, on average
constexpr std::int64_t kRestNs = 20'000;        // between two operations of a client
constexpr std::uint64_t kSmallValues = 5;

class Simulation {
 public:
  explicit Simulation(const Workload& workload)
      : workload_(workload),
        random_(workload.seed, "bench"),
        clients_(static_cast<std::size_t>(workload.clients)),
        held_(static_cast<std::size_t>(workload.keys)) {
    for (std::int64_t key = 0; key < workload.keys; ++key)
      keys_.push_back(workload.keys == 1 ? Value{} : builder_.values().text(fmt::format("k{}", key)));
    for (std::uint32_t i = 0; i < clients_.size(); ++i) due_.push({random_time(kRestNs), i});
  }

  checker::History run() {
    while (!due_.empty()) {
      const auto [at, number] = due_.top();
      due_.pop();
      now_ns_ = at;
      Client& client = clients_[number];
      if (client.phase == Phase::idle && invoked_ == workload_.operations) continue;
      due_.push({at + step(client, number), number});
    }
    return std::move(builder_).finish();
  }

 private:
  enum class Phase : std::uint8_t { idle, invoked, effected };
  struct Client {
    Phase phase = Phase::idle;
    int life = 0;  // counts the operations of unknown outcome: the next goes on under a new name
    std::size_t key = 0;
    std::int64_t returns_after = 0;  // of the operation's time, what is left when it takes effect
    EventRow row;
    bool succeeded = true;
  };
  struct Due {
    std::int64_t at_ns;
    std::uint32_t client;
    bool operator<(const Due& other) const {
      return at_ns != other.at_ns ? at_ns > other.at_ns : client > other.client;
    }
  };

  std::int64_t random_time(std::int64_t mean) {
    return 1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(2 * mean)));
  }

  // One step of the client; the time until its next.
  std::int64_t step(Client& client, std::uint32_t number) {
    switch (client.phase) {
      case Phase::idle:
        return invoke(client, number);
      case Phase::invoked:
        take_effect(client);
        return client.returns_after;
      case Phase::effected:
        break;
    }
    complete(client);
    return random_time(kRestNs);
  }

  std::int64_t invoke(Client& client, std::uint32_t number) {
    ++invoked_;
    client.phase = Phase::invoked;
    client.key = static_cast<std::size_t>(random_.below(held_.size()));
    client.row = {};
    client.row.process = builder_.process(fmt::format("c{}.{}", number, client.life));
    client.row.key = keys_[client.key];
    choose(client.row);
    add(client.row, EventType::invoke);
    const std::int64_t takes = random_time(kLatencyNs);
    const auto until = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(takes)));
    client.returns_after = takes - until;
    return until;
  }

  Value small_value() { return Value::of(static_cast<std::int64_t>(random_.below(kSmallValues))); }

  void choose(EventRow& row) {
    const auto dice = random_.below(workload_.kind == Kind::cas ? 3 : 2);
    if (dice == 0) return;
    row.function = Function::write;
    if (workload_.kind == Kind::unique_writes) row.value = Value::of(++written_);
    if (workload_.kind == Kind::cas) row.value = small_value();
    if (workload_.kind == Kind::cas && dice == 2) {
      const Value both[]{small_value(), small_value()};
      row.function = Function::cas;
      row.value = builder_.values().list(both);
    }
    if (workload_.kind == Kind::texts) {
      row.function = random_.chance(0.08) ? Function::write : Function::append;
      row.value = builder_.values().text(fmt::format("x {} y", ++written_));
    }
  }

  void take_effect(Client& client) {
    client.phase = Phase::effected;
    client.succeeded = true;
    Value& held = held_[client.key];
    EventRow& row = client.row;
    if (row.function == Function::read) {
      row.value = falsifies() ? another(held) : held;
    } else if (row.function == Function::write) {
      held = row.value;
    } else if (row.function == Function::append) {
      std::string text(held.is_nil() ? std::string_view{} : builder_.values().text_of(held));
      held = builder_.values().text(text.append(builder_.values().text_of(row.value)));
    } else {
      const auto both = builder_.values().elements_of(row.value);
      client.succeeded = held == both[0];
      if (client.succeeded) held = both[1];
    }
  }

  bool falsifies() {
    const bool late =
        static_cast<double>(invoked_) >= workload_.falsify_from * static_cast<double>(workload_.operations);
    return workload_.falsify > 0 && late && random_.chance(workload_.falsify);
  }

  // Something that the key held long ago, or may have held.
  Value another(Value held) {
    if (workload_.kind == Kind::cas) return small_value();
    if (workload_.kind == Kind::texts) return builder_.values().text("x 1 y");
    return held.is_nil() || held.integer() < 2 ? Value::of(std::int64_t{1}) : Value::of(held.integer() / 2);
  }

  void complete(Client& client) {
    client.phase = Phase::idle;
    const bool unknown = client.row.function != Function::read && random_.chance(workload_.info);
    if (unknown) ++client.life;
    add(client.row, unknown ? EventType::info : client.succeeded ? EventType::ok : EventType::fail);
  }

  void add(EventRow row, EventType type) {
    row.time_ns = now_ns_;
    row.type = type;
    ensure(builder_.add(row).has_value(), "a simulated history keeps the rules of histories");
  }

  const Workload& workload_;
  RandomStream random_;
  checker::HistoryBuilder builder_;
  std::vector<Client> clients_;
  std::vector<Value> held_;  // by key
  std::vector<Value> keys_;
  std::priority_queue<Due> due_;
  std::int64_t now_ns_ = 0;
  std::int64_t invoked_ = 0;
  std::int64_t written_ = 0;
};

}  // namespace

checker::History simulate(const Workload& workload) {
  return Simulation(workload).run();
}

std::string json_lines(const checker::History& history) {
  std::vector<std::uint32_t> operations(history.events);
  for (std::uint32_t i = 0; i < history.operations.size(); ++i) {
    const checker::Operation& operation = history.operations[i];
    operations[operation.invoke] = i;
    if (operation.completion != checker::kNone) operations[operation.completion] = i;
  }
  constexpr std::string_view kEnds[]{"ok", "fail", "info"};
  std::string text;
  for (std::uint32_t event = 0; event < history.events; ++event) {
    const checker::Operation& operation = history.operations[operations[event]];
    const bool invoked = event == operation.invoke;
    const Value value = operation.function == Function::read && !invoked ? operation.result : operation.argument;
    fmt::format_to(std::back_inserter(text),
                   R"({{"time":{},"process":"{}","type":"{}","f":"{}","key":"{}","value":{}}})"
                   "\n",
                   invoked ? operation.invoke_ns : operation.return_ns, history.processes[operation.process],
                   invoked ? "invoke" : kEnds[static_cast<std::size_t>(operation.outcome)],
                   history.functions.name(operation.function),
                   operation.key.is_nil() ? "k" : history.values.text_of(operation.key),
                   value.is_nil() ? "null" : std::to_string(value.integer()));
  }
  return text;
}

}  // namespace fracas::bench
