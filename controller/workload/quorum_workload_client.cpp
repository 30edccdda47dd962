#include "controller/workload/quorum_workload_client.h"

#include <utility>

#include "targets/quorum/client/quorum_client.h"

namespace fracas::controller {
namespace {

class QuorumWorkloadClient final : public Client {
 public:
  QuorumWorkloadClient(const QuorumCalls& calls, quorum::ClientOptions options)
      : calls_(calls), client_(std::move(options)) {}

  Answer call(const Call& call, Duration timeout) override {
    return answer_of(calls_, call.function, client_.call(quorum_request(calls_, call), timeout));
  }

 private:
  QuorumCalls calls_;
  quorum::QuorumClient client_;
};

}  // namespace

ClientFactory quorum_clients(const std::vector<std::pair<std::string, node::Address>>& nodes, const QuorumCalls& calls,
                             Duration attempt_timeout) {
  return [nodes, calls, attempt_timeout](const ClientSeat& seat) -> std::unique_ptr<Client> {
    quorum::ClientOptions options{.nodes = nodes, .attempt_timeout = attempt_timeout};
    std::erase_if(options.nodes, [&](const auto& node) { return !seat.may_ask(node.first); });
    options.first = static_cast<std::size_t>(seat.id % options.nodes.size());
    return std::make_unique<QuorumWorkloadClient>(calls, std::move(options));
  };
}

}  // namespace fracas::controller
