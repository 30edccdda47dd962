#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "controller/target/nats_connection.h"
#include "controller/workload/client.h"

// What calls are to a JetStream stream, and what its answers mean. Pure. A key is a subject: its value is the last
// message, its list or set all of them. Source: docs.nats.io, "JetStream wire API"; nats-server, server/errors.json.
namespace fracas::controller::nats {

inline constexpr const char* kStream = "store";

NatsRequest create_stream(std::uint32_t replicas);  // one that exists already is no error
NatsRequest stream_info();
NatsRequest publish(const std::string& key, std::int64_t value);
NatsRequest last_message(const std::string& key);
// The first one with that number or a greater one.
NatsRequest next_message(const std::string& key, std::uint64_t sequence);

// Who leads the stream and which of its servers are up to date.
struct StreamState {
  std::string leader;       // empty: nobody, or this is no such answer
  std::size_t current = 0;  // servers, the leader among them
  std::string error = {};
};
StreamState stream_state(const std::string& reply);

// What a request for a message found.
struct Found {
  enum class Kind : std::uint8_t { message, nothing, error } kind = Kind::error;
  std::uint64_t sequence = 0;
  std::int64_t value = 0;
  std::string error = {};
};
Found found_in(const std::string& reply);

// The history's answer to what came back of a publication: a fail for what was refused before it was proposed to the
// stream's servers, and for an expectation that did not hold; an info for what one of them failed to store.
Answer answer_to_publication(const std::string& reply);

// The same where no reply came. ECONNREFUSED and ENOENT of NatsConnection::ask are fails.
Answer answer_without_reply(const Error& error);

}  // namespace fracas::controller::nats
