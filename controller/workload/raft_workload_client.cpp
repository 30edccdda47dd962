#include "controller/workload/raft_workload_client.h"

#include <utility>

#include "controller/workload/raft_calls.h"
#include "lib/base/ensure.h"
#include "targets/raft/client/raft_client.h"

namespace fracas::controller {
namespace {

class RaftWorkloadClient final : public Client {
 public:
  explicit RaftWorkloadClient(raft::ClientOptions options) : client_(std::move(options)) {}

  Answer call(const Call& call, Duration timeout) override {
    const auto operation = raft_operation(call);
    if (!operation) return answer_of(call.function, client_.get(call.key, timeout));
    const Duration each = raft_timeout(call, timeout);
    raft::CallResult result = client_.write(call.key, *operation, each);
    if (const auto second = raft_second_operation(call, result)) result = client_.write(call.key, *second, each);
    return answer_of(call.function, std::move(result));
  }

 private:
  raft::RaftClient client_;
};

}  // namespace

ClientFactory raft_clients(const std::map<std::string, std::string>& nodes, Duration attempt_timeout) {
  std::vector<std::pair<std::string, node::Address>> addresses;
  for (const auto& [name, text] : nodes) {
    auto address = node::parse_address(text);
    ensure(address.has_value(), "a world's hosts have addresses");
    addresses.emplace_back(name, *address);
  }
  return [addresses, attempt_timeout](const ClientSeat& seat) -> std::unique_ptr<Client> {
    raft::ClientOptions options{.nodes = addresses, .client = seat.id, .attempt_timeout = attempt_timeout};
    std::erase_if(options.nodes, [&](const auto& node) { return !seat.may_ask(node.first); });
    return std::make_unique<RaftWorkloadClient>(std::move(options));
  };
}

}  // namespace fracas::controller
