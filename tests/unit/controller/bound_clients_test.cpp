#include "controller/target/bound_clients.h"

#include <memory>
#include <string>
#include <vector>

#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using controller::Attempt;
using model::EventType;
using model::Function;

constexpr Duration kTimeout = std::chrono::hours(1);

// A node that always says the same.
class Says final : public controller::NodeConnection {
 public:
  explicit Says(Attempt attempt) : attempt_(std::move(attempt)) {}
  Attempt attempt(const controller::Call&, Duration) override { return attempt_; }

 private:
  Attempt attempt_;
};

Attempt says(EventType type, bool ask_another = false) {
  return {.answer = {.type = type, .value = {}, .node = {}, .error = {}}, .ask_another = ask_another};
}

// Nodes a, b, c say these; client 0 begins with a.
std::unique_ptr<controller::Client> client(const std::vector<Attempt>& answers, std::uint64_t id = 0) {
  controller::BoundClients options{.nodes = {"a", "b", "c"}, .attempt_timeout = kTimeout, .connect = {}};
  options.connect = [answers](const std::string& node) {
    return std::make_unique<Says>(answers[static_cast<std::size_t>(node[0] - 'a')]);
  };
  return controller::bound_clients(options)({.id = id});
}

const controller::Call kWrite{.function = Function::write, .key = "k", .value = std::int64_t{1}};
const controller::Call kRead{.function = Function::read, .key = "k", .value = {}};

}  // namespace

TEST_CASE("bound clients: each has a node of its own", "[unit][controller]") {
  const std::vector<Attempt> all{says(EventType::ok), says(EventType::ok), says(EventType::ok)};
  CHECK(client(all, 0)->call(kWrite, kTimeout).node == "a");
  CHECK(client(all, 4)->call(kWrite, kTimeout).node == "b");
}

TEST_CASE("bound clients: who was refused asks the next node and stays there", "[unit][controller]") {
  const auto one = client({says(EventType::fail, true), says(EventType::fail, true), says(EventType::ok)});
  CHECK(one->call(kWrite, kTimeout).node == "c");
  CHECK(one->call(kWrite, kTimeout).node == "c");
}

TEST_CASE("bound clients: a write of unknown outcome is asked once", "[unit][controller]") {
  const auto answer = client({says(EventType::info), says(EventType::ok), says(EventType::ok)})->call(kWrite, kTimeout);
  CHECK(answer.type == EventType::info);
  CHECK(answer.node == "a");
}

TEST_CASE("bound clients: a read without an answer is asked elsewhere, and fails where nobody answers",
          "[unit][controller]") {
  CHECK(client({says(EventType::info), says(EventType::ok), says(EventType::ok)})->call(kRead, kTimeout).node == "b");
  const auto answer =
      client({says(EventType::info), says(EventType::info), says(EventType::info)})->call(kRead, kTimeout);
  CHECK(answer.type == EventType::fail);
}

TEST_CASE("bound clients: a fail that every node would answer is the answer", "[unit][controller]") {
  const auto answer = client({says(EventType::fail), says(EventType::ok), says(EventType::ok)})->call(kWrite, kTimeout);
  CHECK(answer.type == EventType::fail);
  CHECK(answer.node == "a");
}
