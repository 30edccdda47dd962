#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "targets/raft/core/command.h"
#include "targets/raft/core/message.h"

// The payloads of frames. A connection's first payload is a Hello; then a member that dialled sends PeerMessages and
// Pings and gets Pongs, and a client sends ClientRequests and gets ClientAnswers.
namespace fracas::raft {

struct Hello {
  enum class Kind : std::uint8_t { peer, client };
  Kind kind = Kind::client;
  std::string name{};  // peer: the member that dials; client: anything
  bool operator==(const Hello&) const = default;
};

// Asks the other end of a member connection for a sign of life.
struct Ping {
  bool operator==(const Ping&) const = default;
};
struct Pong {
  bool operator==(const Pong&) const = default;
};

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
// `id` comes back in the answer.
struct ClientRequest {
  std::uint64_t id = 0;
  std::variant<WriteRequest, ReadRequest, StatusRequest> body{};
  bool operator==(const ClientRequest&) const = default;
};

struct NodeStatus {
  std::string role{};  // "follower", "pre-candidate", "candidate", "leader"
  std::uint64_t term = 0;
  std::string leader{};  // empty = unknown
  std::uint64_t commit = 0;
  std::uint64_t applied = 0;
  bool operator==(const NodeStatus&) const = default;
};
struct ClientAnswer {
  std::uint64_t id = 0;
  std::variant<Reply, NodeStatus> body{};
  bool operator==(const ClientAnswer&) const = default;
};

using Payload = std::variant<Hello, Ping, Pong, VoteRequest, VoteResponse, AppendRequest, SnapshotRequest,
                             AppendResponse, ClientRequest, ClientAnswer>;

std::string encode(const Payload& payload);
std::string encode(const Message& message);
// Nothing where the bytes are no payload within the bounds. Any bytes are safe.
std::optional<Payload> decode_payload(std::string_view bytes);
// The member message inside a payload, or nothing where it is of another kind.
std::optional<Message> as_message(Payload&& payload);

}  // namespace fracas::raft
