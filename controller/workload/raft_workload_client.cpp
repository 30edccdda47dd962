#include "controller/workload/raft_workload_client.h"

#include <utility>

#include "lib/base/ensure.h"
#include "targets/raft/client/raft_client.h"

namespace fracas::controller {
namespace {

class RaftWorkloadClient final : public Client {
 public:
  RaftWorkloadClient(const RaftCalls& calls, raft::ClientOptions options)
      : calls_(calls), client_(std::move(options)) {}

  Answer call(const Call& call, Duration timeout) override {
    const auto operation = raft_operation(calls_, call);
    if (!operation) return answer_of(calls_, call, client_.get(call.key, timeout), true);
    const Duration each = raft_timeout(call, timeout);
    raft::CallResult result = client_.write(call.key, *operation, each);
    const auto second = raft_second_operation(calls_, call, result);
    if (second) result = client_.write(call.key, *second, each);
    return answer_of(calls_, call, std::move(result), !second);
  }

 private:
  RaftCalls calls_;
  raft::RaftClient client_;
};

}  // namespace

ClientFactory raft_clients(const std::map<std::string, std::string>& nodes, const RaftCalls& calls,
                           Duration attempt_timeout) {
  std::vector<std::pair<std::string, node::Address>> addresses;
  for (const auto& [name, text] : nodes) {
    auto address = node::parse_address(text);
    ensure(address.has_value(), "a world's hosts have addresses");
    addresses.emplace_back(name, *address);
  }
  return [addresses, calls, attempt_timeout](const ClientSeat& seat) -> std::unique_ptr<Client> {
    raft::ClientOptions options{.nodes = addresses, .client = seat.id, .attempt_timeout = attempt_timeout};
    std::erase_if(options.nodes, [&](const auto& node) { return !seat.may_ask(node.first); });
    return std::make_unique<RaftWorkloadClient>(calls, std::move(options));
  };
}

}  // namespace fracas::controller
