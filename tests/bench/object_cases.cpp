#include "tests/bench/object_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "checker/catalogue.h"
#include "checker/history/history_builder.h"
#include "lib/base/ensure.h"
#include "lib/base/random.h"

namespace fracas::bench {
namespace {

using checker::Function;
using checker::Value;

constexpr std::size_t kClients = 10;

struct Asked {
  Function function = Function::read;
  Value argument;
};

// A correct object. ask() chooses what a client does next; answer() does it, and says nothing where it has to wait.
class Object {
 public:
  virtual ~Object() = default;
  virtual Asked ask(std::size_t client, RandomStream& random) = 0;
  virtual std::optional<Value> answer(std::size_t client, const Asked& asked, checker::Values& values) = 0;

 protected:
  Value fresh() { return Value::of(++last_); }
  std::int64_t last_ = 0;
};

// In which order values come out of a container.
enum class Order { first_in, last_in, least };

class Container final : public Object {
 public:
  Container(Order order, Function put, Function take) : order_(order), put_(put), take_(take) {}

  Asked ask(std::size_t, RandomStream& random) override {
    if (random.chance(0.5)) return {take_, {}};
    return {put_, order_ == Order::least ? Value::of(static_cast<std::int64_t>(random.below(1 << 20) << 32U) + ++last_)
                                         : fresh()};
  }
  std::optional<Value> answer(std::size_t, const Asked& asked, checker::Values&) override {
    if (asked.function == put_) {
      if (order_ == Order::least)
        heap_.push(-asked.argument.integer());
      else
        line_.push_back(asked.argument);
      return Value{};
    }
    if (order_ == Order::least) {
      if (heap_.empty()) return Value{};
      const std::int64_t least = -heap_.top();
      heap_.pop();
      return Value::of(least);
    }
    if (line_.empty()) return Value{};
    const Value taken = order_ == Order::first_in ? line_.front() : line_.back();
    if (order_ == Order::first_in)
      line_.pop_front();
    else
      line_.pop_back();
    return taken;
  }

 private:
  Order order_;
  Function put_, take_;
  std::deque<Value> line_;
  std::priority_queue<std::int64_t> heap_;
};

// Adds, and reads of all: of a set about twenty in a whole history, because each has as many elements.
class Sum final : public Object {
 public:
  Sum(bool set, std::int64_t operations) : set_(set), reads_(set ? 20 / static_cast<double>(operations) : 0.5) {}

  Asked ask(std::size_t, RandomStream& random) override {
    if (random.chance(reads_)) return {Function::read, {}};
    return {Function::add, set_ ? fresh() : Value::of(std::int64_t{1})};
  }
  std::optional<Value> answer(std::size_t, const Asked& asked, checker::Values& values) override {
    if (asked.function == Function::read)
      return set_ ? values.list(elements_) : Value::of(static_cast<std::int64_t>(elements_.size()));
    elements_.push_back(asked.argument);
    return Value{};
  }

 private:
  bool set_;
  double reads_;  // of the operations
  std::vector<Value> elements_;
};

class Lock final : public Object {
 public:
  Lock(std::size_t permits, bool tokens) : free_(permits), tokens_(tokens), holds_(kClients, false) {}

  Asked ask(std::size_t client, RandomStream&) override {
    return {holds_[client] ? Function::release : Function::acquire, {}};
  }
  std::optional<Value> answer(std::size_t client, const Asked& asked, checker::Values&) override {
    if (asked.function == Function::acquire && free_ == 0) return std::nullopt;
    holds_[client] = asked.function == Function::acquire;
    free_ = holds_[client] ? free_ - 1 : free_ + 1;
    return holds_[client] && tokens_ ? fresh() : Value{};
  }

 private:
  std::size_t free_;
  bool tokens_;
  std::vector<bool> holds_;
};

class Ids final : public Object {
 public:
  Asked ask(std::size_t, RandomStream&) override { return {Function::generate, {}}; }
  std::optional<Value> answer(std::size_t, const Asked&, checker::Values&) override { return fresh(); }
};

// A poll reads at most twenty entries, as clients of a log do.
class Log final : public Object {
 public:
  Log() : positions_(kClients, 0) {}

  Asked ask(std::size_t, RandomStream& random) override {
    if (random.chance(0.3)) return {Function::poll, {}};
    return {Function::append, fresh()};
  }
  std::optional<Value> answer(std::size_t client, const Asked& asked, checker::Values& values) override {
    if (asked.function == Function::append) {
      entries_.push_back(asked.argument);
      return Value::of(static_cast<std::int64_t>(entries_.size()) - 1);
    }
    std::vector<Value> read;
    for (std::size_t& at = positions_[client]; at < entries_.size() && read.size() < 20; ++at) {
      const Value pair[]{Value::of(static_cast<std::int64_t>(at)), entries_[at]};
      read.push_back(values.list(pair));
    }
    return values.list(read);
  }

 private:
  std::vector<Value> entries_;
  std::vector<std::size_t> positions_;  // by client
};

// Clients one after another: each operation takes effect some time after its invocation, and returns some time after
// that, so about as many are open as there are clients.
class Clients {
 public:
  Clients(Object& object, std::int64_t operations) : object_(object), left_(operations) {
    for (std::size_t client = 0; client < kClients; ++client) {
      processes_.push_back(builder_.process("c" + std::to_string(client)));
      next_.push({static_cast<std::int64_t>(client), client, Step::invoke});
    }
    asked_.resize(kClients);
    results_.resize(kClients);
  }

  checker::History run() {
    while (!next_.empty()) {
      const Due due = next_.top();
      next_.pop();
      now_ns_ = std::max(now_ns_ + 1, due.at_ns);
      take(due);
    }
    return std::move(builder_).finish();
  }

 private:
  enum class Step { invoke, effect, complete };
  struct Due {
    std::int64_t at_ns;
    std::size_t client;
    Step step;
    bool operator<(const Due& other) const { return at_ns > other.at_ns; }  // the earliest is on top
  };

  void take(const Due& due) {
    const std::size_t client = due.client;
    if (due.step == Step::invoke) {
      if (left_-- <= 0) return;
      asked_[client] = object_.ask(client, random_);
      record(client, model::EventType::invoke, asked_[client].argument);
      return then(client, Step::effect);
    }
    if (due.step == Step::complete) {
      record(client, model::EventType::ok, results_[client]);
      return then(client, Step::invoke);
    }
    const auto result = object_.answer(client, asked_[client], builder_.values());
    if (!result) return left_ > 0 ? then(client, Step::effect) : void();  // nobody releases any more: never answered
    results_[client] = *result;
    then(client, Step::complete);
  }

  void then(std::size_t client, Step step) {
    next_.push({now_ns_ + 1 + static_cast<std::int64_t>(random_.below(100)), client, step});
  }

  void record(std::size_t client, model::EventType type, Value value) {
    checker::EventRow row;
    row.time_ns = now_ns_;
    row.type = type;
    row.function = asked_[client].function;
    row.process = processes_[client];
    row.value = value;
    ensure(builder_.add(row).has_value(), "the clients obey the rules");
  }

  Object& object_;
  std::int64_t left_;
  RandomStream random_{1, "object-bench"};
  checker::HistoryBuilder builder_;
  std::vector<std::uint32_t> processes_;
  std::priority_queue<Due> next_;
  std::vector<Asked> asked_;
  std::vector<Value> results_;
  std::int64_t now_ns_ = 0;
};

std::unique_ptr<Object> object_of(const std::string& model, std::int64_t operations) {
  if (model == "fifo-queue") return std::make_unique<Container>(Order::first_in, Function::enqueue, Function::dequeue);
  if (model == "total-queue") return std::make_unique<Container>(Order::first_in, Function::enqueue, Function::dequeue);
  if (model == "stack") return std::make_unique<Container>(Order::last_in, Function::push, Function::pop);
  if (model == "priority-queue")
    return std::make_unique<Container>(Order::least, Function::insert, Function::remove_min);
  if (model == "set" || model == "set-full") return std::make_unique<Sum>(true, operations);
  if (model == "counter") return std::make_unique<Sum>(false, operations);
  if (model == "mutex") return std::make_unique<Lock>(1, false);
  if (model == "semaphore") return std::make_unique<Lock>(3, false);
  if (model == "fenced-lock") return std::make_unique<Lock>(1, true);
  if (model == "log") return std::make_unique<Log>();
  return std::make_unique<Ids>();
}

Work decide(const std::string& model, std::int64_t operations) {
  const auto object = object_of(model, operations);
  const auto history = std::make_shared<const checker::History>(Clients(*object, operations).run());
  checker::Request request;
  if (model == "semaphore") request.parameters["permits"] = "3";
  if (model == "total-queue") request.level = "at-most-once";
  return [history, request, kind = *checker::find_model(model)]() -> std::string {
    const auto result = checker::check(*history, *kind, request);
    if (!result) return result.error().message;
    return result->verdict == checker::Verdict::pass ? "" : result->summary;
  };
}

}  // namespace

std::vector<Case> object_cases() {
  std::vector<Case> cases;
  for (const std::string model : {"set", "set-full", "counter", "fifo-queue", "total-queue", "stack", "priority-queue",
                                  "mutex", "semaphore", "fenced-lock", "unique-ids", "log"})
    for (const std::int64_t operations : {10'000, 100'000, 1'000'000, 10'000'000}) {
      Case each;
      each.name = fmt::format("{}: {} operations, one object, 10 clients", model, operations);
      each.prepare = [model, operations] { return decide(model, operations); };
      each.family = model;
      each.operations = operations;
      cases.push_back(std::move(each));
    }
  return cases;
}

}  // namespace fracas::bench
