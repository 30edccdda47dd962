#include "controller/workload/generator.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using controller::Call;
using controller::GeneratorOptions;
using controller::WorkloadKind;

std::vector<Call> draw(const GeneratorOptions& options, int count, std::uint64_t seed = 1) {
  const auto generator = controller::make_generator(options, seed);
  std::vector<Call> calls;
  for (int i = 0; i < count; ++i) calls.push_back(generator->next());
  return calls;
}

}  // namespace

TEST_CASE("generator: register and append never repeat a value on a key", "[unit][controller]") {
  const auto kind = GENERATE(WorkloadKind::register_, WorkloadKind::append);
  GeneratorOptions options;
  options.kind = kind;
  options.keys = 3;
  std::set<std::pair<std::string, std::int64_t>> seen;
  for (const Call& call : draw(options, 2000)) {
    if (call.function == model::Function::read) continue;
    CHECK(seen.emplace(call.key, std::get<std::int64_t>(call.value)).second);
  }
  CHECK(seen.size() > 800);
}

TEST_CASE("generator: a key is retired after its share of operations", "[unit][controller]") {
  GeneratorOptions options;
  options.keys = 4;
  options.ops_per_key_max = 25;
  std::map<std::string, int> operations;
  for (const Call& call : draw(options, 3000)) ++operations[call.key];
  CHECK(operations.size() >= 120);
  for (const auto& [key, count] : operations) CHECK(count <= 25);
}

TEST_CASE("generator: cas-register stays within its values and uses every function", "[unit][controller]") {
  GeneratorOptions options;
  options.kind = WorkloadKind::cas_register;
  options.values = 3;
  std::set<model::Function> functions;
  for (const Call& call : draw(options, 500)) {
    functions.insert(call.function);
    if (const auto* pair = std::get_if<std::pair<std::int64_t, std::int64_t>>(&call.value)) {
      CHECK(pair->first < 3);
      CHECK(pair->second < 3);
    }
  }
  CHECK(functions == std::set{model::Function::read, model::Function::write, model::Function::cas});
}

TEST_CASE("generator: the share of reads is kept, and final reads cover the keys in use", "[unit][controller]") {
  GeneratorOptions options;
  options.reads = 0.2;
  int reads = 0;
  for (const Call& call : draw(options, 5000)) reads += call.function == model::Function::read;
  CHECK(reads > 850);
  CHECK(reads < 1150);
  const auto generator = controller::make_generator(options, 1);
  CHECK(generator->final_calls().empty());
  for (int i = 0; i < 500; ++i) generator->next();
  CHECK(generator->final_calls().size() == options.keys);
}

TEST_CASE("generator: transactions read, and write each value to its key once", "[unit][controller]") {
  GeneratorOptions options;
  options.kind = WorkloadKind::txn_append;
  options.keys = 3;
  std::set<std::string> written;
  std::size_t reads = 0;
  for (const Call& call : draw(options, 500)) {
    REQUIRE(call.function == model::Function::txn);
    for (const auto& operation : nlohmann::json::parse(std::get<model::Json>(call.value).text)) {
      REQUIRE(operation.size() == 3);
      if (operation[0] == "r")
        ++reads;
      else
        CHECK(written.insert(operation.dump()).second);
    }
  }
  CHECK(reads > 400);
  CHECK(written.size() > 400);
}

TEST_CASE("generator: a transfer has two accounts, and a bank is read as a whole", "[unit][controller]") {
  GeneratorOptions options;
  options.kind = WorkloadKind::bank;
  options.keys = 3;
  for (const Call& call : draw(options, 500)) {
    if (call.function == model::Function::read) continue;
    const auto transfer = nlohmann::json::parse(std::get<model::Json>(call.value).text);
    CHECK(transfer["from"] != transfer["to"]);
    CHECK(transfer["to"] < 3);
    CHECK(transfer["amount"] > 0);
  }
}

TEST_CASE("generator: what must not be lost is looked at in the end", "[unit][controller]") {
  GeneratorOptions options;
  options.keys = 2;
  options.ops_per_key_max = 10;
  options.kind = WorkloadKind::set;
  const auto set = controller::make_generator(options, 1);
  std::set<std::string> added;
  for (int i = 0; i < 100; ++i) added.insert(set->next().key);
  CHECK(set->final_calls().size() == added.size());
  options.kind = WorkloadKind::queue;
  const auto queue = controller::make_generator(options, 1);
  for (int i = 0; i < 100; ++i) added.insert(queue->next().key);
  REQUIRE(queue->final_calls().size() == 2);
  CHECK(queue->final_calls().front().function == model::Function::drain);
}

TEST_CASE("generator: a log's polls begin somewhere up to behind its end, and all logs are read at the end",
          "[unit][controller]") {
  GeneratorOptions options;
  options.kind = WorkloadKind::log;
  options.keys = 2;
  options.ops_per_key_max = 50;
  const auto generator = controller::make_generator(options, 3);
  std::map<std::string, std::int64_t> appended;
  for (int i = 0; i < 500; ++i) {
    const Call call = generator->next();
    const auto number = std::get<std::int64_t>(call.value);
    if (call.function == model::Function::append) {
      CHECK(number == ++appended[call.key]);
    } else {
      REQUIRE(call.function == model::Function::poll);
      CHECK(number >= 0);
      CHECK(number <= appended[call.key]);
    }
  }
  const auto last = generator->final_calls();
  CHECK(last.size() == appended.size());
  for (const Call& call : last) CHECK(call.value == model::Value(std::int64_t{0}));
}

TEST_CASE("generator: echoes are all different", "[unit][controller]") {
  GeneratorOptions options;
  options.kind = WorkloadKind::echo;
  std::set<std::int64_t> seen;
  for (const Call& call : draw(options, 100)) {
    CHECK(call.function == model::Function::echo);
    CHECK(seen.insert(std::get<std::int64_t>(call.value)).second);
  }
}

TEST_CASE("generator: a counter takes away as often as it is told to, and several nodes are read at the end",
          "[unit][controller]") {
  GeneratorOptions options;
  options.kind = WorkloadKind::counter;
  options.keys = 1;
  options.reads = 0;
  options.decrements = 0.5;
  const auto generator = controller::make_generator(options, 1);
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += std::get<std::int64_t>(generator->next().value) == -1 ? 1 : 0;
  CHECK(taken > 400);
  CHECK(taken < 600);
  const auto last = generator->final_calls();
  CHECK(last.size() > 1);
  CHECK(last.front().key == "k0");
}
