#include "controller/target/nats_connection.h"

#include <nats/nats.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kPingEveryMs = 1000;

struct FreeOptions {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};
struct FreeMessage {
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
using Message = std::unique_ptr<natsMsg, FreeMessage>;

Message message_of(const NatsRequest& request) {
  natsMsg* raw = nullptr;
  if (natsMsg_Create(&raw, request.subject.c_str(), nullptr, request.body.data(),
                     static_cast<int>(request.body.size())) != NATS_OK)
    return nullptr;
  Message message(raw);
  if (request.last_sequence && natsMsgHeader_Set(raw, "Nats-Expected-Last-Subject-Sequence",
                                                 std::to_string(*request.last_sequence).c_str()) != NATS_OK)
    return nullptr;
  return message;
}

}  // namespace

void NatsConnection::Free::operator()(__natsConnection* connection) const {
  natsConnection_Destroy(connection);
}

Status NatsConnection::open_library() {
  constexpr std::int64_t kDefaultSpins = -1;
  if (const natsStatus status = nats_Open(kDefaultSpins); status != NATS_OK)
    return failure(std::string("open libnats: ") + natsStatus_GetText(status), ENOMEM);
  return {};
}

NatsConnection::NatsConnection(std::string url) : url_(std::move(url)) {}
NatsConnection::NatsConnection(NatsConnection&&) noexcept = default;
NatsConnection& NatsConnection::operator=(NatsConnection&&) noexcept = default;
NatsConnection::~NatsConnection() = default;

// A connection that breaks is not mended behind our back: what was under way then is an open question.
Status NatsConnection::connect(std::int64_t timeout_ms) {
  natsOptions* raw = nullptr;
  natsStatus status = natsOptions_Create(&raw);
  const std::unique_ptr<natsOptions, FreeOptions> options(raw);
  if (status == NATS_OK) status = natsOptions_SetURL(raw, url_.c_str());
  if (status == NATS_OK) status = natsOptions_SetTimeout(raw, timeout_ms);
  if (status == NATS_OK) status = natsOptions_SetAllowReconnect(raw, false);
  if (status == NATS_OK) status = natsOptions_SetPingInterval(raw, kPingEveryMs);
  natsConnection* connection = nullptr;
  if (status == NATS_OK) status = natsConnection_Connect(&connection, raw);
  if (status != NATS_OK) return failure(std::string("connect: ") + natsStatus_GetText(status), ECONNREFUSED);
  connection_.reset(connection);
  return {};
}

Result<std::string> NatsConnection::ask(const NatsRequest& request, Duration timeout) {
  const std::int64_t deadline_ns = os::boot_now_ns() + timeout.count();
  const auto left_ms = [&] { return std::max<std::int64_t>(1, (deadline_ns - os::boot_now_ns()) / 1'000'000); };
  if (connection_ && natsConnection_IsClosed(connection_.get())) connection_.reset();
  if (!connection_)
    if (auto connected = connect(left_ms()); !connected) return failure(std::move(connected).error());
  const Message message = message_of(request);
  if (!message) return failure("no memory for a message", ECONNREFUSED);
  natsMsg* raw = nullptr;
  const natsStatus status = natsConnection_RequestMsg(&raw, connection_.get(), message.get(), left_ms());
  const Message reply(raw);
  if (status == NATS_OK)
    return std::string(natsMsg_GetData(raw), static_cast<std::size_t>(std::max(0, natsMsg_GetDataLength(raw))));
  if (status == NATS_NO_RESPONDERS) return failure("nobody answers on " + request.subject, ENOENT);
  connection_.reset();
  return failure(natsStatus_GetText(status), ETIMEDOUT);
}

}  // namespace fracas::controller
