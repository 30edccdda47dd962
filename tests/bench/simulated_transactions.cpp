#include "tests/bench/simulated_transactions.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "checker/history/history_builder.h"
#include "lib/base/ensure.h"
#include "lib/base/random.h"

namespace fracas::bench {
namespace {

using checker::Value;

class Store {
 public:
  explicit Store(const TransactionShape& shape)
      : shape_(shape),
        read_(values().text("r")),
        write_(values().text(shape.lists ? "append" : "w")),
        keys_(shape.keys) {
    for (Key& key : keys_) key.name = next_key_++;
    for (std::size_t i = 0; i < shape.clients; ++i)
      clients_.push_back({builder_.process("c" + std::to_string(i)), false, {}});
  }

  checker::History run() && {
    for (std::int64_t begun = 0; begun < shape_.transactions;) {
      Client& client = clients_[random_.below(clients_.size())];
      begun += client.busy ? 0 : 1;
      client.busy ? complete(client) : invoke(client);
    }
    for (Client& client : clients_)
      if (client.busy) complete(client);
    return std::move(builder_).finish();
  }

 private:
  using Step = std::array<Value, 3>;
  struct Key {
    std::int64_t name = 0;
    std::size_t writes = 0;
    std::vector<Value> elements;
    Value held;  // of a list: that of `elements`, unless it changed since
    bool changed = false;
  };
  struct Client {
    std::uint32_t process = 0;
    bool busy = false;
    std::vector<Step> steps;
  };

  checker::Values& values() { return builder_.values(); }

  Step write_one(Key& key) {
    if (shape_.writes_per_key != 0 && key.writes == shape_.writes_per_key) key = {next_key_++, 0, {}, {}, false};
    ++key.writes;
    const Value value = Value::of(++last_value_);
    if (shape_.lists) key.elements.push_back(value);
    key.changed = shape_.lists;
    if (!shape_.lists) key.held = value;
    return {write_, Value::of(key.name), value};
  }

  Step read_one(Key& key) {
    if (key.changed) key.held = values().list(key.elements);
    key.changed = false;
    return {read_, Value::of(key.name), key.held};
  }

  void invoke(Client& client) {
    client.busy = true;
    client.steps.resize(1 + random_.below(shape_.steps_max));
    for (Step& step : client.steps) {
      Key& key = keys_[random_.below(keys_.size())];
      step = random_.chance(0.5) ? write_one(key) : read_one(key);
    }
    add(client, model::EventType::invoke);
  }

  void complete(Client& client) {
    client.busy = false;
    add(client, model::EventType::ok);
  }

  void add(const Client& client, model::EventType type) {
    std::vector<Value> steps;
    for (Step step : client.steps) {
      if (type == model::EventType::invoke && step[0] == read_) step[2] = {};
      steps.push_back(values().list(step));
    }
    checker::EventRow row;
    row.time_ns = now_ns_ += 1000;
    row.type = type;
    row.function = checker::Function::txn;
    row.process = client.process;
    row.value = values().list(steps);
    ensure(builder_.add(row).has_value(), "the simulated clients keep the rules of histories");
  }

  const TransactionShape& shape_;
  checker::HistoryBuilder builder_;
  RandomStream random_{1, "bench transactions"};
  Value read_, write_;
  std::vector<Key> keys_;
  std::vector<Client> clients_;
  std::int64_t next_key_ = 0, last_value_ = 0, now_ns_ = 0;
};

}  // namespace

checker::History simulate(const TransactionShape& shape) {
  return Store(shape).run();
}

}  // namespace fracas::bench
