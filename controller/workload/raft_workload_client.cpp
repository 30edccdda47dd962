#include "controller/workload/raft_workload_client.h"

#include <variant>

#include "lib/base/ensure.h"
#include "targets/raft/client/raft_client.h"

namespace fracas::controller {
namespace {

model::EventType type_of(raft::Outcome outcome) {
  switch (outcome) {
    case raft::Outcome::ok:
      return model::EventType::ok;
    case raft::Outcome::fail:
      return model::EventType::fail;
    case raft::Outcome::indeterminate:
      break;
  }
  return model::EventType::info;
}

// What a get returned, in the history's terms. A missing list reads as nothing, which the checker takes as empty.
model::Value value_of(const raft::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) return *list;
  return {};
}

class RaftWorkloadClient final : public Client {
 public:
  explicit RaftWorkloadClient(raft::ClientOptions options) : client_(std::move(options)) {}

  void prefer(const std::string& node) { client_.prefer(node); }

  Answer call(const Call& call, Duration timeout) override {
    raft::CallResult result = ask(call, timeout);
    return {.type = type_of(result.outcome),
            .value = value_of(result.value),
            .node = std::move(result.node),
            .error = std::move(result.reason)};
  }

 private:
  raft::CallResult ask(const Call& call, Duration timeout) {
    switch (call.function) {
      case model::Function::read:
        return client_.get(call.key, timeout);
      case model::Function::write:
        return client_.put(call.key, std::get<std::int64_t>(call.value), timeout);
      case model::Function::append:
        return client_.append(call.key, std::get<std::int64_t>(call.value), timeout);
      case model::Function::cas: {
        const auto& [expected, desired] = std::get<std::pair<std::int64_t, std::int64_t>>(call.value);
        return client_.cas(call.key, expected, desired, timeout);
      }
    }
    return {};
  }

  raft::RaftClient client_;
};

}  // namespace

ClientFactory raft_clients(const std::map<std::string, std::string>& nodes, Duration attempt_timeout) {
  std::vector<std::pair<std::string, raft::Address>> addresses;
  for (const auto& [name, text] : nodes) {
    auto address = raft::parse_address(text);
    ensure(address.has_value(), "a world's hosts have addresses");
    addresses.emplace_back(name, *address);
  }
  return [addresses, attempt_timeout](std::uint64_t id) -> std::unique_ptr<Client> {
    auto client = std::make_unique<RaftWorkloadClient>(
        raft::ClientOptions{.nodes = addresses, .client = id, .attempt_timeout = attempt_timeout});
    client->prefer(addresses[static_cast<std::size_t>(id % addresses.size())].first);
    return client;
  };
}

}  // namespace fracas::controller
