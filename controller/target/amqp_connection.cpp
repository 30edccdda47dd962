#include "controller/target/amqp_connection.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>

#include <algorithm>
#include <utility>

#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kFrameMax = 131'072;
constexpr std::uint8_t kPersistent = 2;
constexpr std::int64_t kSilenceNs = 300'000'000;
constexpr std::uint16_t kUnacknowledgedMax = 65'535;  // a quorum queue gives out 2,000 where nothing is said

timeval left_until(std::int64_t deadline_ns) {
  const std::int64_t us = std::max<std::int64_t>(1000, (deadline_ns - os::boot_now_ns()) / 1000);
  return {.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
}

amqp_bytes_t bytes_of(const std::string& text) {
  return {.len = text.size(), .bytes = const_cast<char*>(text.data())};
}

std::string text_of(const amqp_bytes_t& bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

// Of the library's calls that wait for an answer themselves.
void set_rpc_timeout(amqp_connection_state_t connection, std::int64_t deadline_ns) {
  const timeval left = left_until(deadline_ns);
  static_cast<void>(amqp_set_rpc_timeout(connection, &left));
}

// Why the server closes a channel or a connection.
std::string reason_in(const amqp_method_t& method) {
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD)
    return text_of(static_cast<const amqp_channel_close_t*>(method.decoded)->reply_text);
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD)
    return text_of(static_cast<const amqp_connection_close_t*>(method.decoded)->reply_text);
  return "the server answered something else";
}

// What is wrong with a reply; nothing where nothing is.
std::optional<std::string> complaint_in(const amqp_rpc_reply_t& reply) {
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return std::nullopt;
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) return reason_in(reply.reply);
  return amqp_error_string2(reply.library_error);
}

// The next frame of any kind; what went wrong where none came.
std::optional<std::string> receive(amqp_connection_state_t connection, amqp_frame_t& frame, std::int64_t deadline_ns) {
  const timeval left = left_until(deadline_ns);
  const int status = amqp_simple_wait_frame_noblock(connection, &frame, &left);
  if (status == AMQP_STATUS_OK) return std::nullopt;
  return status == AMQP_STATUS_TIMEOUT ? "no answer in time" : amqp_error_string2(status);
}

}  // namespace

void AmqpConnection::Free::operator()(amqp_connection_state_t_* connection) const {
  amqp_destroy_connection(connection);
}

AmqpConnection::AmqpConnection(std::string address, int port) : address_(std::move(address)), port_(port) {}
AmqpConnection::AmqpConnection(AmqpConnection&&) noexcept = default;
AmqpConnection::~AmqpConnection() = default;

AmqpConnection::Reply AmqpConnection::broken(Outcome outcome, std::string error) {
  connection_.reset();
  return {.outcome = outcome, .error = std::move(error)};
}

std::optional<std::string> AmqpConnection::connect(std::int64_t deadline_ns) {
  if (connection_) return std::nullopt;
  std::unique_ptr<amqp_connection_state_t_, Free> fresh(amqp_new_connection());
  amqp_socket_t* const socket = fresh ? amqp_tcp_socket_new(fresh.get()) : nullptr;
  if (socket == nullptr) return "no memory for a connection";
  const timeval left = left_until(deadline_ns);
  if (const int status = amqp_socket_open_noblock(socket, address_.c_str(), port_, &left); status != AMQP_STATUS_OK)
    return std::string("connect: ") + amqp_error_string2(status);
  static_cast<void>(amqp_set_handshake_timeout(fresh.get(), &left));
  set_rpc_timeout(fresh.get(), deadline_ns);
  if (auto complaint =
          complaint_in(amqp_login(fresh.get(), "/", 0, kFrameMax, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest")))
    return "log in: " + *complaint;
  amqp_channel_open(fresh.get(), kChannel);
  if (auto complaint = complaint_in(amqp_get_rpc_reply(fresh.get()))) return "open a channel: " + *complaint;
  amqp_confirm_select(fresh.get(), kChannel);
  if (auto complaint = complaint_in(amqp_get_rpc_reply(fresh.get()))) return "ask for confirms: " + *complaint;
  connection_ = std::move(fresh);
  return std::nullopt;
}

AmqpConnection::Reply AmqpConnection::declare(const std::string& queue, const std::string& type,
                                              std::int64_t deadline_ns) {
  if (auto why = connect(deadline_ns)) return broken(Outcome::refused, *std::move(why));
  set_rpc_timeout(connection_.get(), deadline_ns);
  amqp_table_entry_t kind{};
  kind.key = amqp_cstring_bytes("x-queue-type");
  kind.value.kind = AMQP_FIELD_KIND_UTF8;
  kind.value.value.bytes = bytes_of(type);
  amqp_queue_declare(connection_.get(), kChannel, bytes_of(queue), 0, 1, 0, 0, {.num_entries = 1, .entries = &kind});
  auto complaint = complaint_in(amqp_get_rpc_reply(connection_.get()));
  if (complaint) return broken(Outcome::unknown, *std::move(complaint));
  amqp_maybe_release_buffers(connection_.get());
  return {.outcome = Outcome::done};
}

// One publication is under way at a time, so that the first confirmation is its own.
AmqpConnection::Reply AmqpConnection::publish(const std::string& queue, const std::string& body,
                                              std::int64_t deadline_ns) {
  if (auto why = connect(deadline_ns)) return broken(Outcome::refused, *std::move(why));
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.delivery_mode = kPersistent;
  const int sent = amqp_basic_publish(connection_.get(), kChannel, amqp_empty_bytes, bytes_of(queue), 1, 0, &properties,
                                      bytes_of(body));
  if (sent != AMQP_STATUS_OK) return broken(Outcome::unknown, amqp_error_string2(sent));
  bool returned = false;
  while (true) {
    amqp_frame_t frame;
    if (auto why = receive(connection_.get(), frame, deadline_ns)) return broken(Outcome::unknown, *std::move(why));
    if (frame.frame_type != AMQP_FRAME_METHOD) continue;  // what was returned
    const amqp_method_t& method = frame.payload.method;
    if (method.id == AMQP_BASIC_RETURN_METHOD) {
      returned = true;
    } else if (method.id == AMQP_BASIC_ACK_METHOD) {
      amqp_maybe_release_buffers(connection_.get());
      if (returned) return {.outcome = Outcome::returned, .error = "no queue took it"};
      return {.outcome = Outcome::done};
    } else {
      return broken(Outcome::unknown,
                    method.id == AMQP_BASIC_NACK_METHOD ? "it was not confirmed (basic.nack)" : reason_in(method));
    }
  }
}

// The header of a message, then its body in as many frames as it takes.
std::optional<std::string> AmqpConnection::receive_content(std::string& body, std::int64_t deadline_ns) {
  amqp_frame_t frame;
  if (auto why = receive(connection_.get(), frame, deadline_ns)) return why;
  if (frame.frame_type != AMQP_FRAME_HEADER) return "a message without a header";
  const std::uint64_t size = frame.payload.properties.body_size;
  while (body.size() < size) {
    if (auto why = receive(connection_.get(), frame, deadline_ns)) return why;
    if (frame.frame_type != AMQP_FRAME_BODY) return "a message without a body";
    body += text_of(frame.payload.body_fragment);
  }
  return std::nullopt;
}

AmqpConnection::Reply AmqpConnection::acknowledge(Reply reply, std::uint64_t last_tag) {
  if (last_tag == 0) return reply;
  const int sent = amqp_basic_ack(connection_.get(), kChannel, last_tag, 1);
  return sent == AMQP_STATUS_OK ? reply : broken(Outcome::unknown, amqp_error_string2(sent));
}

AmqpConnection::Reply AmqpConnection::take(const std::string& queue, std::int64_t deadline_ns) {
  if (auto why = connect(deadline_ns)) return broken(Outcome::refused, *std::move(why));
  set_rpc_timeout(connection_.get(), deadline_ns);
  const amqp_rpc_reply_t got = amqp_basic_get(connection_.get(), kChannel, bytes_of(queue), 0);
  if (auto complaint = complaint_in(got)) return broken(Outcome::refused, *std::move(complaint));
  Reply reply{.outcome = Outcome::done};
  if (got.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) return reply;
  const std::uint64_t tag = static_cast<const amqp_basic_get_ok_t*>(got.reply.decoded)->delivery_tag;
  std::string body;
  if (auto why = receive_content(body, deadline_ns)) return broken(Outcome::refused, *std::move(why));
  reply.messages.push_back(std::move(body));
  amqp_maybe_release_buffers(connection_.get());
  return acknowledge(std::move(reply), tag);
}

// One message that the server sends to a consumer.
std::optional<std::string> AmqpConnection::receive_delivery(Reply& reply, std::uint64_t& tag,
                                                            std::int64_t deadline_ns) {
  amqp_frame_t frame;
  if (auto why = receive(connection_.get(), frame, deadline_ns)) return why;
  if (frame.frame_type != AMQP_FRAME_METHOD) return "a message without its beginning";
  if (frame.payload.method.id != AMQP_BASIC_DELIVER_METHOD) return reason_in(frame.payload.method);
  tag = static_cast<const amqp_basic_deliver_t*>(frame.payload.method.decoded)->delivery_tag;
  std::string body;
  if (auto why = receive_content(body, deadline_ns)) return why;
  reply.messages.push_back(std::move(body));
  amqp_maybe_release_buffers(connection_.get());
  return std::nullopt;
}

// As a consumer, which is given one message after the other: taken singly, each of a quorum queue costs a round of its
// servers. What the server counted is waited for, what else comes is taken along until it is silent.
AmqpConnection::Reply AmqpConnection::take_all(const std::string& queue, std::int64_t deadline_ns) {
  if (auto why = connect(deadline_ns)) return broken(Outcome::refused, *std::move(why));
  set_rpc_timeout(connection_.get(), deadline_ns);
  const amqp_queue_declare_ok_t* const counted =
      amqp_queue_declare(connection_.get(), kChannel, bytes_of(queue), 1, 1, 0, 0, amqp_empty_table);
  if (auto complaint = complaint_in(amqp_get_rpc_reply(connection_.get())))
    return broken(Outcome::refused, *std::move(complaint));
  const std::size_t expected = counted->message_count;
  amqp_basic_qos(connection_.get(), kChannel, 0, kUnacknowledgedMax, 0);
  if (auto complaint = complaint_in(amqp_get_rpc_reply(connection_.get())))
    return broken(Outcome::refused, *std::move(complaint));
  amqp_basic_consume(connection_.get(), kChannel, bytes_of(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  if (auto complaint = complaint_in(amqp_get_rpc_reply(connection_.get())))
    return broken(Outcome::refused, *std::move(complaint));
  Reply reply{.outcome = Outcome::done};
  std::uint64_t last = 0;
  while (true) {
    const bool complete = reply.messages.size() >= expected;
    const std::int64_t silent_ns = os::boot_now_ns() + kSilenceNs;
    auto why = receive_delivery(reply, last, complete ? std::min(silent_ns, deadline_ns) : deadline_ns);
    if (why && complete) break;
    if (why) return broken(Outcome::refused, *std::move(why));
  }
  reply = acknowledge(std::move(reply), last);
  connection_.reset();  // ends the consumer
  return reply;
}

}  // namespace fracas::controller
