#include "controller/target/bound_clients.h"

#include <algorithm>
#include <utility>

#include "controller/target/nodes.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

bool only_looks(model::Function function) {
  return function == model::Function::read || function == model::Function::poll;
}

class BoundClient final : public Client {
 public:
  BoundClient(BoundClients options, std::size_t first) : options_(std::move(options)), node_(first) {}

  Answer call(const Call& call, Duration timeout) override {
    const std::int64_t deadline_ns = os::boot_now_ns() + timeout.count();
    Answer last{.type = model::EventType::fail, .value = {}, .node = {}, .error = "no time left"};
    for (std::size_t tries = 0; tries < options_.nodes.size(); ++tries) {
      const Duration left(deadline_ns - os::boot_now_ns());
      if (left <= Duration::zero()) break;
      Attempt attempt = at_node(call, std::min(left, options_.attempt_timeout));
      last = std::move(attempt.answer);
      if (last.type == model::EventType::info && only_looks(call.function)) {
        last.type = model::EventType::fail;
        attempt.ask_another = true;
      }
      if (last.type != model::EventType::fail || !attempt.ask_another) break;
      connection_.reset();
      node_ = (node_ + 1) % options_.nodes.size();
    }
    return last;
  }

 private:
  Attempt at_node(const Call& call, Duration timeout) {
    const std::string& node = options_.nodes[node_];
    if (!connection_) connection_ = options_.connect(node);
    Attempt attempt = connection_->attempt(call, timeout);
    if (attempt.answer.node.empty()) attempt.answer.node = node;
    return attempt;
  }

  const BoundClients options_;
  std::size_t node_;
  std::unique_ptr<NodeConnection> connection_;
};

}  // namespace

ClientFactory bound_clients(BoundClients options) {
  return [options = std::move(options)](const ClientSeat& seat) -> std::unique_ptr<Client> {
    BoundClients near = options;
    std::erase_if(near.nodes, [&](const std::string& node) { return !seat.may_ask(node); });
    const auto first = static_cast<std::size_t>(seat.id % near.nodes.size());
    return std::make_unique<BoundClient>(std::move(near), first);
  };
}

ClientFactory bound_clients(const World& world, Duration attempt_timeout,
                            std::function<std::unique_ptr<NodeConnection>(const Host& host)> connect) {
  BoundClients options{.nodes = {}, .attempt_timeout = attempt_timeout, .connect = {}};
  for (const Host& host : nodes_of(world)) options.nodes.push_back(host.name);
  options.connect = [&world, connect = std::move(connect)](const std::string& node) {
    return connect(*world.find(node));
  };
  return bound_clients(std::move(options));
}

}  // namespace fracas::controller
