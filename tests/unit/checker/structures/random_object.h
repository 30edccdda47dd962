#pragma once
#include <utility>

#include "checker/history/history_builder.h"
#include "lib/base/ensure.h"
#include "tests/unit/checker/structures/machine.h"

namespace fracas::checker::tests {

struct RandomObjectOptions {
  Object object = Object::fifo_queue;
  std::size_t clients = 3;
  std::size_t operations = 8;
  double info = 0.15;     // of an operation: its outcome stays unknown
  double falsify = 0.15;  // of an answer
  bool repeat = false;    // values may be put, or added, more than once
  double look = 0;        // peeks and lengths of containers; contains, and reads of all, of sets that shrink
  double shrink = 0;      // removals from sets; decrements, and larger amounts, of counters
  double go_on = 0;       // a process goes on after an unknown outcome
};

// A small history: clients of a correct object, whose answers are now and then falsified.
class RandomObject {
 public:
  RandomObject(const RandomObjectOptions& options, RandomStream random)
      : options_(options),
        random_(random),
        machine_(options.object, builder_.values()),
        contents_(Machine::start(options.object)),
        clients_(options.clients),
        contains_(*builder_.functions().intern("contains")) {
    for (Client& client : clients_) renew(client);
  }

  History make() && {
    std::size_t invoked = 0, running = 0;
    while (invoked < options_.operations || running > 0) {
      Client& client = clients_[random_.below(clients_.size())];
      now_ns_ += static_cast<std::int64_t>(random_.below(3));  // equal times happen
      if (!client.busy && invoked < options_.operations) {
        invoke(client);
        ++invoked, ++running;
      } else if (client.busy && !client.applied && !random_.chance(0.05)) {
        client.applied = apply(client) || random_.chance(options_.falsify / 3);
        stuck_ += client.applied ? 0 : 1;
        if (!client.applied && stuck_ > 50) --running, renew(client);
      } else if (client.busy) {
        complete(client);
        --running;
      }
    }
    return std::move(builder_).finish();
  }

 private:
  struct Client {
    bool busy = false, applied = false, holds = false;
    std::int64_t ended_ns = -1;
    Operation operation;
  };

  void renew(Client& client) {
    client = {};
    client.operation.process = builder_.process("c" + std::to_string(++processes_));
  }

  bool lock() const {
    return options_.object == Object::semaphore || options_.object == Object::fenced_lock ||
           options_.object == Object::plain_lock;
  }

  std::pair<Function, Function> functions() const {
    switch (options_.object) {
      case Object::fifo_queue:
        return {Function::enqueue, Function::dequeue};
      case Object::stack:
        return {Function::push, Function::pop};
      case Object::priority_queue:
        return {Function::insert, Function::remove_min};
      case Object::semaphore:
      case Object::fenced_lock:
      case Object::plain_lock:
        return {Function::acquire, Function::release};
      case Object::log:
        return {Function::append, Function::poll};
      default:
        return {Function::add, Function::read};
    }
  }

  Function choose(const Client& client) {
    const auto [first, second] = functions();
    if (lock()) return client.holds ? second : first;
    if (options_.object == Object::set && random_.chance(options_.shrink)) return Function::remove;
    if (options_.object == Object::set && random_.chance(options_.look)) return contains_;
    if (options_.object == Object::counter && random_.chance(options_.shrink)) return Function::decrement;
    if (options_.object != Object::set && random_.chance(options_.look))
      return random_.chance(0.5) ? Function::peek : Function::length;
    return random_.chance(0.5) ? first : second;
  }

  void invoke(Client& client) {
    client.busy = true;
    client.applied = false;
    if (client.ended_ns == now_ns_) ++now_ns_;  // but not of one process
    Operation& operation = client.operation;
    operation.function = choose(client);
    operation.argument = {};
    operation.result = {};
    operation.outcome = Outcome::info;
    const bool alone = operation.function == functions().second || operation.function == Function::peek ||
                       operation.function == Function::length;
    if (!alone && !lock()) operation.argument = Value::of(argument());
    if (operation.function == Function::poll && random_.chance(0.2))
      operation.argument = Value::of(1 + static_cast<std::int64_t>(random_.below(4)));
    add(row(operation, model::EventType::invoke, operation.argument));
  }

  std::int64_t argument() {
    if (options_.object == Object::counter)
      return options_.shrink > 0 ? 1 + static_cast<std::int64_t>(random_.below(3)) : 1;
    if (options_.repeat) return 1 + static_cast<std::int64_t>(random_.below(3));
    if (options_.object != Object::priority_queue) return ++values_;
    return ++values_ + 16 * static_cast<std::int64_t>(random_.below(4));
  }

  bool apply(Client& client) {
    Contents next = contents_;
    Operation& operation = client.operation;
    // Who asks for a lock is to be told the next token, and who appends the next offset.
    if (options_.object == Object::fenced_lock) operation.result = Value::of(contents_[1] + 1);
    if (operation.function == Function::append)
      operation.result = Value::of(offset_ + 1 + static_cast<std::int64_t>(random_.below(2)));
    const auto answer = machine_.step(operation, next);
    if (!answer) return false;
    contents_ = std::move(next);
    operation.result = *answer;
    if (operation.function == Function::append) offset_ = answer->integer();
    return true;
  }

  void complete(Client& client) {
    Operation& operation = client.operation;
    if (!client.applied || random_.chance(options_.info)) return lose(client);
    if (random_.chance(options_.falsify)) falsify(operation);
    const bool changes = operation.function == Function::add || operation.function == Function::remove;
    if (changes && random_.chance(0.5)) operation.result = {};  // not every set says whether it changed
    if (options_.shrink == 0 && changes) operation.result = {};
    add(row(operation, model::EventType::ok, operation.result));
    client.busy = false;
    client.ended_ns = now_ns_;
    client.holds = operation.function == Function::acquire;
  }

  void lose(Client& client) {
    const bool goes_on = random_.chance(options_.go_on);
    if (goes_on || random_.chance(0.5)) add(row(client.operation, model::EventType::info, {}));
    client.busy = false;
    client.ended_ns = now_ns_;
    if (goes_on) {
      client.holds = client.applied == (client.operation.function == Function::acquire);
      return;
    }
    if (options_.object == Object::fenced_lock || options_.object == Object::plain_lock)
      contents_[0] = 0;  // as if it had not got it, or had released it
    renew(client);
  }

  void falsify(Operation& operation) {
    const auto some = [&](std::int64_t most) {
      return Value::of(1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most))));
    };
    switch (operation.function) {
      case Function::acquire:
        if (options_.object == Object::fenced_lock) operation.result = some(6);
        return;
      case Function::dequeue:
      case Function::pop:
      case Function::remove_min:
      case Function::peek:
        operation.result = (values_ == 0 && !options_.repeat) || random_.chance(0.3) ? Value{} : some(values_ + 3);
        return;
      case Function::length:
      case Function::append:
        operation.result = some(4);
        return;
      case Function::add:
      case Function::remove:
        if (options_.object == Object::set) operation.result = Value::of(random_.chance(0.5));
        return;
      case Function::read:
        if (options_.object == Object::counter) {
          operation.result = Value::of(operation.result.integer() + (random_.chance(0.5) ? 1 : -1));
          return;
        }
        [[fallthrough]];
      case Function::poll:
        operation.result = without_one(operation.result);
        return;
      default:
        if (operation.function == contains_) operation.result = Value::of(random_.chance(0.5));
    }
  }

  Value without_one(Value list) {
    const auto seen = builder_.values().elements_of(list);
    std::vector<Value> elements(seen.begin(), seen.end());
    if (!elements.empty())
      elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(random_.below(elements.size())));
    return builder_.values().list(elements);
  }

  void add(const EventRow& event) { ensure(builder_.add(event).has_value(), "the clients obey the rules"); }

  EventRow row(const Operation& operation, model::EventType type, Value value) const {
    EventRow event;
    event.time_ns = now_ns_;
    event.type = type;
    event.function = operation.function;
    event.process = operation.process;
    event.value = value;
    return event;
  }

  RandomObjectOptions options_;
  RandomStream random_;
  HistoryBuilder builder_;
  Machine machine_;
  Contents contents_;
  std::vector<Client> clients_;
  Function contains_;
  std::int64_t values_ = 0;
  std::int64_t offset_ = 0;
  std::int64_t now_ns_ = 0;
  std::size_t stuck_ = 0;
  int processes_ = 0;
};

}  // namespace fracas::checker::tests
