#include "checker/streaming/stream.h"

#include "tests/catch/catch.h"
#include "tests/unit/checker/streaming/stream_agrees.h"

using namespace fracas::checker;
using namespace fracas::checker::tests;
using fracas::RandomStream;
using fracas::model::EventType;

namespace {

StreamEvent event(Stream& stream, std::int64_t at_ns, std::string_view process, EventType type, Function function,
                  std::int64_t value = 0) {
  const Value told = function == Function::read && (type != EventType::ok || value == 0) ? Value{} : Value::of(value);
  return {at_ns, type, function, process, stream.values().text("k"), told, false};
}

// Four clients write value after value and read them; the largest number of bytes held.
std::size_t bytes_after(std::int64_t operations) {
  Stream stream({});
  RandomStream random(1, "bytes");
  struct Client {
    std::string name;
    bool busy = false, reads = false;
    std::int64_t value = 0;
  };
  std::vector<Client> clients{{"a"}, {"b"}, {"c"}, {"d"}};
  std::int64_t held = 0, written = 0;
  std::size_t most = 0;
  for (std::int64_t now = 1; now <= 2 * operations; ++now) {
    Client& client = clients[random.below(clients.size())];
    if (!client.busy) {
      client.reads = held != 0 && random.chance(0.5);
      client.value = client.reads ? 0 : ++written;
    } else {
      (client.reads ? client.value : held) = client.reads ? held : client.value;
    }
    const Function function = client.reads ? Function::read : Function::write;
    const EventType type = client.busy ? EventType::ok : EventType::invoke;
    REQUIRE(stream.add(event(stream, now, client.name, type, function, client.value)));
    client.busy = !client.busy;
    most = std::max(most, stream.bytes());
  }
  stream.finish();
  REQUIRE(stream.verdict() == Verdict::pass);
  return most;
}

}  // namespace

TEST_CASE("stream: its verdict is that of a check of the whole history", "[unit][checker]") {
  StreamTally tally;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    const std::string wrong = stream_disagreement(seed, tally);
    INFO(wrong);
    REQUIRE(wrong.empty());
  }
  CHECK(tally.passed > 500);
  CHECK(tally.violated > 400);
  CHECK(tally.proven > 100);
}

TEST_CASE("stream: a stale read is told while the history goes on", "[unit][checker]") {
  Stream stream({.stretch = 1});
  const auto put = [&](std::int64_t at, EventType type, Function function, std::int64_t value) {
    REQUIRE(stream.add(event(stream, at, "c1", type, function, value)).has_value());
  };
  for (std::int64_t i = 1; i <= 2; ++i) {
    put(10 * i, EventType::invoke, Function::write, i);
    put(10 * i + 1, EventType::ok, Function::write, i);
  }
  put(30, EventType::invoke, Function::read, 0);
  put(31, EventType::ok, Function::read, 1);
  CHECK(stream.verdict() == Verdict::pass);  // what happens at the same time is not over yet
  put(32, EventType::invoke, Function::read, 0);
  stream.catch_up();
  REQUIRE(stream.verdict() == Verdict::violated);
  const CheckResult& result = *stream.violation();
  CHECK(result.verdict == Verdict::violated);
  REQUIRE(result.counterexample.has_value());
  CHECK(result.counterexample->key == "k");
  CHECK(result.counterexample->operations.back().result == "1");
  CHECK(result.summary == "key k: it held 2 before these operations, and no order of them explains all answers");
}

TEST_CASE("stream: what it holds does not grow with the history", "[unit][checker]") {
  const std::size_t few = bytes_after(2'000), many = bytes_after(40'000);
  CHECK(many < few + few / 2);
}

TEST_CASE("stream: an operation that stays open holds back only what began after it", "[unit][checker]") {
  Stream stream({.stretch = 1});
  const auto put = [&](std::int64_t at, std::string_view process, EventType type, Function function,
                       std::int64_t value) {
    REQUIRE(stream.add(event(stream, at, process, type, function, value)).has_value());
  };
  put(1, "c1", EventType::invoke, Function::write, 7);
  put(2, "c2", EventType::invoke, Function::read, 0);
  put(3, "c2", EventType::ok, Function::read, 9);
  put(4, "c2", EventType::invoke, Function::read, 0);
  stream.catch_up();
  CHECK(stream.verdict() == Verdict::pass);
  put(5, "c1", EventType::info, Function::write, 7);
  stream.catch_up();
  CHECK(stream.verdict() == Verdict::violated);  // nobody wrote 9
}

TEST_CASE("stream: an unknown write may be seen long afterwards", "[unit][checker]") {
  Stream stream({.stretch = 1});
  std::int64_t now = 0;
  const auto put = [&](std::string_view process, EventType type, Function function, std::int64_t value) {
    REQUIRE(stream.add(event(stream, ++now, process, type, function, value)).has_value());
  };
  put("c1", EventType::invoke, Function::write, 7);
  put("c1", EventType::info, Function::write, 7);
  const auto both = [&](Function function, std::int64_t value) {
    put("c2", EventType::invoke, function, value);
    put("c2", EventType::ok, function, value);
  };
  for (std::int64_t i = 1; i <= 5; ++i) both(Function::write, 10 + i);
  both(Function::read, 15);
  both(Function::read, 7);
  both(Function::write, 20);
  stream.catch_up();
  CHECK(stream.verdict() == Verdict::pass);
  both(Function::read, 7);  // once is once
  stream.finish();
  CHECK(stream.verdict() == Verdict::violated);
}

TEST_CASE("stream: a key that is too hard is given up, and the verdict says so", "[unit][checker]") {
  Stream stream({.configurations_max = 3, .stretch = 64});
  std::int64_t now = 0;
  for (std::int64_t i = 1; i <= 8; ++i)
    REQUIRE(stream.add(event(stream, ++now, "c" + std::to_string(i), EventType::invoke, Function::write, i)));
  for (std::int64_t i = 1; i <= 8; ++i)
    REQUIRE(stream.add(event(stream, ++now, "c" + std::to_string(i), EventType::ok, Function::write, i)));
  stream.finish();
  CHECK(stream.verdict() == Verdict::undecided);
  CHECK(stream.keys_given_up() == 1);
}

TEST_CASE("stream: a history that breaks its own rules is refused", "[unit][checker]") {
  Stream stream({});
  CHECK(!stream.add(event(stream, 1, "c1", EventType::ok, Function::read)));
  REQUIRE(stream.add(event(stream, 1, "c1", EventType::invoke, Function::read)));
  CHECK(!stream.add(event(stream, 2, "c1", EventType::invoke, Function::read)));
  CHECK(!stream.add(event(stream, 0, "c2", EventType::invoke, Function::read)));
  CHECK(!stream.add(event(stream, 2, "c1", EventType::ok, Function::write, 1)));
  CHECK(!stream.add(event(stream, 2, "c2", EventType::invoke, Function::cas, 1)));
}
