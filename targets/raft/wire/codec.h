#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "targets/raft/core/command.h"
#include "targets/raft/core/message.h"

// The payloads of frames, after the greeting (node/wire/greeting.h): a member that dialled sends Messages, and a client
// sends ClientRequests and gets ClientAnswers.
namespace fracas::raft {

struct WriteRequest {
  Command command;
  bool operator==(const WriteRequest&) const = default;
};
struct ReadRequest {
  std::string key{};
  bool operator==(const ReadRequest&) const = default;
};
struct StatusRequest {
  bool operator==(const StatusRequest&) const = default;
};
// An administrator's requests: see TransferRequested and ChangeRequested in core/raft.h.
struct TransferRequest {
  std::string to{};
  bool operator==(const TransferRequest&) const = default;
};
struct ChangeRequest {
  std::vector<std::string> voters{};
  std::vector<std::string> learners{};
  bool operator==(const ChangeRequest&) const = default;
};
// `id` comes back in the answer.
struct ClientRequest {
  std::uint64_t id = 0;
  std::variant<WriteRequest, ReadRequest, StatusRequest, TransferRequest, ChangeRequest> body{};
  bool operator==(const ClientRequest&) const = default;
};

struct NodeStatus {
  std::string role{};  // "follower", "pre-candidate", "candidate", "leader"
  std::uint64_t term = 0;
  std::string leader{};  // empty = unknown
  std::uint64_t commit = 0;
  std::uint64_t applied = 0;
  std::vector<std::string> voters{};    // as of its log's last configuration
  std::vector<std::string> outgoing{};  // while joint
  std::vector<std::string> learners{};
  bool operator==(const NodeStatus&) const = default;
};
struct ClientAnswer {
  std::uint64_t id = 0;
  std::variant<Reply, NodeStatus> body{};
  bool operator==(const ClientAnswer&) const = default;
};

using Payload = std::variant<VoteRequest, VoteResponse, AppendRequest, SnapshotRequest, AppendResponse, TimeoutNow,
                             ClientRequest, ClientAnswer>;

std::string encode(const Payload& payload);
std::string encode(const Message& message);
// Nothing where the bytes are no payload within the bounds. Any bytes are safe.
std::optional<Payload> decode_payload(std::string_view bytes);
// The member message inside a payload, or nothing where it is of another kind.
std::optional<Message> as_message(Payload&& payload);

// The answer to a client's request of that id in a payload: nothing where it is another's. ERRORS: no answer at all.
Result<std::optional<ClientAnswer>> answer_in(std::string_view payload, std::uint64_t id);

}  // namespace fracas::raft
