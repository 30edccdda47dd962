#include "targets/raft/wire/codec.h"

#include <utility>

#include "targets/node/data/bytes.h"
#include "targets/node/wire/payload_codec.h"

namespace fracas::raft {
namespace {

void put(ByteWriter& out, const VoteRequest& request) {
  out.u64(request.term.value());
  out.u8(request.pre ? 1 : 0);
  out.u64(request.last_index);
  out.u64(request.last_term.value());
  out.u8(request.transfer ? 1 : 0);
}
void put(ByteWriter& out, const TimeoutNow& timeout) {
  out.u64(timeout.term.value());
}
void put(ByteWriter& out, const VoteResponse& response) {
  out.u64(response.term.value());
  out.u8(response.pre ? 1 : 0);
  out.u8(response.granted ? 1 : 0);
}
void put(ByteWriter& out, const AppendRequest& request) {
  out.u64(request.term.value());
  out.u64(request.prev_index);
  out.u64(request.prev_term.value());
  out.u64(request.commit);
  out.u64(request.round);
  out.u32(static_cast<std::uint32_t>(request.entries.size()));
  for (const Entry& entry : request.entries) {
    out.u64(entry.index);
    out.u64(entry.term.value());
    out.text(entry.payload);
  }
}
void put(ByteWriter& out, const SnapshotRequest& request) {
  out.u64(request.term.value());
  out.u64(request.round);
  out.u64(request.snapshot.index);
  out.u64(request.snapshot.term.value());
  out.u64(request.snapshot.log_hash);
  out.text(request.snapshot.state);
}
void put(ByteWriter& out, const AppendResponse& response) {
  out.u64(response.term.value());
  out.u8(response.success ? 1 : 0);
  out.u64(response.index);
  out.u64(response.hint);
  out.u64(response.hint_term.value());
  out.u64(response.round);
}
void put_names(ByteWriter& out, const std::vector<std::string>& names) {
  out.u32(static_cast<std::uint32_t>(names.size()));
  for (const std::string& name : names) out.text(name);
}
void put(ByteWriter& out, const ClientRequest& request) {
  out.u64(request.id);
  out.u8(static_cast<std::uint8_t>(request.body.index()));
  if (const auto* write_request = std::get_if<WriteRequest>(&request.body)) out.text(encode(write_request->command));
  if (const auto* read = std::get_if<ReadRequest>(&request.body)) out.text(read->key);
  if (const auto* transfer = std::get_if<TransferRequest>(&request.body)) out.text(transfer->to);
  if (const auto* change = std::get_if<ChangeRequest>(&request.body)) {
    put_names(out, change->voters);
    put_names(out, change->learners);
  }
}
void put(ByteWriter& out, const ClientAnswer& answer) {
  out.u64(answer.id);
  out.u8(static_cast<std::uint8_t>(answer.body.index()));
  if (const auto* reply = std::get_if<Reply>(&answer.body)) {
    out.u8(static_cast<std::uint8_t>(reply->status));
    write(out, reply->value);
    out.u32(static_cast<std::uint32_t>(reply->readings.size()));
    for (const Value& reading : reply->readings) write(out, reading);
    out.text(reply->leader);
    return;
  }
  const auto& status = std::get<NodeStatus>(answer.body);
  out.text(status.role);
  out.u64(status.term);
  out.text(status.leader);
  out.u64(status.commit);
  out.u64(status.applied);
  put_names(out, status.voters);
  put_names(out, status.outgoing);
  put_names(out, status.learners);
}

bool flag(ByteReader& in) {
  const std::uint8_t byte = in.u8();
  if (byte > 1) in.fail();
  return byte == 1;
}

std::string name(ByteReader& in) {
  const std::string_view text = in.text();
  if (text.size() > node::kNameBytesMax) in.fail();
  return std::string(text);
}

std::vector<std::string> names(ByteReader& in) {
  std::vector<std::string> all(in.count(4));
  for (std::string& each : all) each = name(in);
  return all;
}

Payload get(ByteReader& in, TimeoutNow timeout) {
  timeout.term = Term(in.u64());
  return timeout;
}
Payload get(ByteReader& in, VoteRequest request) {
  request.term = Term(in.u64());
  request.pre = flag(in);
  request.last_index = in.u64();
  request.last_term = Term(in.u64());
  request.transfer = flag(in);
  return request;
}
Payload get(ByteReader& in, VoteResponse response) {
  response.term = Term(in.u64());
  response.pre = flag(in);
  response.granted = flag(in);
  return response;
}
Payload get(ByteReader& in, AppendRequest request) {
  request.term = Term(in.u64());
  request.prev_index = in.u64();
  request.prev_term = Term(in.u64());
  request.commit = in.u64();
  request.round = in.u64();
  request.entries.resize(in.count(20));
  for (Entry& entry : request.entries) {
    entry.index = in.u64();
    entry.term = Term(in.u64());
    entry.payload = in.text();
  }
  return request;
}
Payload get(ByteReader& in, SnapshotRequest request) {
  request.term = Term(in.u64());
  request.round = in.u64();
  request.snapshot.index = in.u64();
  request.snapshot.term = Term(in.u64());
  request.snapshot.log_hash = in.u64();
  request.snapshot.state = in.text();
  return request;
}
Payload get(ByteReader& in, AppendResponse response) {
  response.term = Term(in.u64());
  response.success = flag(in);
  response.index = in.u64();
  response.hint = in.u64();
  response.hint_term = Term(in.u64());
  response.round = in.u64();
  return response;
}
Payload get(ByteReader& in, ClientRequest request) {
  request.id = in.u64();
  const std::uint8_t kind = in.u8();
  if (kind == 0) {
    auto command = decode_command(in.text());
    if (!command) in.fail();
    request.body = WriteRequest{std::move(command).value_or(Command{})};
  } else if (kind == 1) {
    const std::string_view key = in.text();
    if (key.size() > kKeyBytesMax) in.fail();
    request.body = ReadRequest{std::string(key)};
  } else if (kind == 2) {
    request.body = StatusRequest{};
  } else if (kind == 3) {
    request.body = TransferRequest{name(in)};
  } else if (kind == 4) {
    ChangeRequest change{.voters = names(in), .learners = {}};
    change.learners = names(in);
    request.body = std::move(change);
  } else {
    in.fail();
  }
  return request;
}
Payload get(ByteReader& in, ClientAnswer answer) {
  answer.id = in.u64();
  if (flag(in)) {
    NodeStatus status;
    status.role = name(in);
    status.term = in.u64();
    status.leader = name(in);
    status.commit = in.u64();
    status.applied = in.u64();
    status.voters = names(in);
    status.outgoing = names(in);
    status.learners = names(in);
    answer.body = std::move(status);
    return answer;
  }
  Reply reply;
  const std::uint8_t status = in.u8();
  if (status > kReplyStatusLast) in.fail();
  reply.status = static_cast<ReplyStatus>(status);
  reply.value = read_value(in);
  reply.readings.resize(in.count(1));
  for (Value& reading : reply.readings) reading = read_value(in);
  reply.leader = name(in);
  answer.body = std::move(reply);
  return answer;
}

}  // namespace

std::string encode(const Payload& payload) {
  return node::encode_payload(payload, [](ByteWriter& out, const auto& one) { put(out, one); });
}

std::string encode(const Message& message) {
  return std::visit([](const auto& one) { return encode(Payload(one)); }, message);
}

std::optional<Payload> decode_payload(std::string_view bytes) {
  return node::decode_payload<Payload>(bytes, [](ByteReader& in, auto one) { return get(in, std::move(one)); });
}

std::optional<Message> as_message(Payload&& payload) {
  return node::as_message_of<Message>(std::move(payload));
}

Result<std::optional<ClientAnswer>> answer_in(std::string_view payload, std::uint64_t id) {
  return node::answer_of<ClientAnswer>(decode_payload(payload), id);
}

}  // namespace fracas::raft
