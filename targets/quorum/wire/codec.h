#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "targets/quorum/core/message.h"
#include "targets/quorum/core/request.h"

// The payloads of frames, after the greeting (node/wire/greeting.h): a member that dialled sends Messages, and a client
// sends ClientRequests and gets ClientAnswers.
namespace fracas::quorum {

struct StatusRequest {
  bool operator==(const StatusRequest&) const = default;
};
// `id` comes back in the answer.
struct ClientRequest {
  std::uint64_t id = 0;
  std::variant<Request, StatusRequest> body{};
  bool operator==(const ClientRequest&) const = default;
};

struct NodeStatus {
  std::uint64_t life = 0;
  std::uint64_t keys = 0;
  std::uint64_t hints = 0;
  std::vector<std::string> alive{};  // names of the members that it takes for alive, itself too
  bool operator==(const NodeStatus&) const = default;
};
struct ClientAnswer {
  std::uint64_t id = 0;
  std::variant<Reply, NodeStatus> body{};
  bool operator==(const ClientAnswer&) const = default;
};

using Payload =
    std::variant<Store, Stored, Fetch, Fetched, Handoff, Handed, Gossip, Digests, Entries, ClientRequest, ClientAnswer>;

std::string encode(const Payload& payload);
std::string encode(const Message& message);
// Nothing where the bytes are no payload within the bounds. Any bytes are safe.
std::optional<Payload> decode_payload(std::string_view bytes);
// The members' message inside a payload, or nothing where it is of another kind.
std::optional<Message> as_message(Payload&& payload);

// The answer to a client's request of that id in a payload: nothing where it is another's. ERRORS: no answer at all.
Result<std::optional<ClientAnswer>> answer_in(std::string_view payload, std::uint64_t id);

}  // namespace fracas::quorum
