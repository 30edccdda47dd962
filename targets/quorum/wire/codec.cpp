#include "targets/quorum/wire/codec.h"

#include <utility>

#include "targets/node/wire/payload_codec.h"

namespace fracas::quorum {
namespace {

// Keys and names have bounds; everything else is bounded by the frame.
std::string text(ByteReader& in, std::size_t bytes_max) {
  const std::string_view bytes = in.text();
  if (bytes.size() > bytes_max) in.fail();
  return std::string(bytes);
}

bool flag(ByteReader& in) {
  const std::uint8_t byte = in.u8();
  if (byte > 1) in.fail();
  return byte == 1;
}

void put_entries(ByteWriter& out, const std::vector<Entry>& entries) {
  out.u32(static_cast<std::uint32_t>(entries.size()));
  for (const auto& [key, cell] : entries) {
    out.text(key);
    write(out, cell);
  }
}
std::vector<Entry> get_entries(ByteReader& in) {
  std::vector<Entry> entries;
  for (std::uint32_t left = in.count(5); left > 0 && in.ok(); --left) {
    std::string key = text(in, kKeyBytesMax);
    entries.emplace_back(std::move(key), read_cell(in));
  }
  return entries;
}

void put(ByteWriter& out, const Store& store) {
  out.u64(store.operation);
  out.text(store.key);
  write(out, store.cell);
  out.u8(store.home ? 1 : 0);
  out.u32(store.home.value_or(0));
}
Payload get(ByteReader& in, Store store) {
  store.operation = in.u64();
  store.key = text(in, kKeyBytesMax);
  store.cell = read_cell(in);
  const bool is_hint = flag(in);
  const Member home = in.u32();
  if (is_hint) store.home = home;
  return store;
}

void put(ByteWriter& out, const Stored& stored) {
  out.u64(stored.operation);
  out.u8(stored.joined ? 1 : 0);
}
Payload get(ByteReader& in, Stored stored) {
  stored.operation = in.u64();
  stored.joined = flag(in);
  return stored;
}

void put(ByteWriter& out, const Fetch& fetch) {
  out.u64(fetch.operation);
  out.text(fetch.key);
}
Payload get(ByteReader& in, Fetch fetch) {
  fetch.operation = in.u64();
  fetch.key = text(in, kKeyBytesMax);
  return fetch;
}

void put(ByteWriter& out, const Fetched& fetched) {
  out.u64(fetched.operation);
  out.u8(fetched.cell ? 1 : 0);
  if (fetched.cell) write(out, *fetched.cell);
}
Payload get(ByteReader& in, Fetched fetched) {
  fetched.operation = in.u64();
  if (flag(in)) fetched.cell = read_cell(in);
  return fetched;
}

void put(ByteWriter& out, const Handoff& handoff) {
  out.u64(handoff.number);
  put_entries(out, handoff.entries);
}
Payload get(ByteReader& in, Handoff handoff) {
  handoff.number = in.u64();
  handoff.entries = get_entries(in);
  return handoff;
}

void put(ByteWriter& out, const Handed& handed) {
  out.u64(handed.number);
}
Payload get(ByteReader& in, Handed handed) {
  handed.number = in.u64();
  return handed;
}

void put(ByteWriter& out, const Gossip& gossip) {
  out.u8(gossip.answer ? 1 : 0);
  out.u32(static_cast<std::uint32_t>(gossip.beats.size()));
  for (const Beat& beat : gossip.beats) {
    out.u64(beat.life);
    out.u64(beat.beat);
  }
}
Payload get(ByteReader& in, Gossip gossip) {
  gossip.answer = flag(in);
  gossip.beats.resize(in.count(16));
  for (Beat& beat : gossip.beats) {
    beat.life = in.u64();
    beat.beat = in.u64();
  }
  return gossip;
}

void put(ByteWriter& out, const Digests& digests) {
  out.u8(digests.level);
  out.u32(static_cast<std::uint32_t>(digests.ranges.size()));
  for (const auto& [place, digest] : digests.ranges) {
    out.u32(place);
    out.u64(digest);
  }
}
std::uint16_t place(ByteReader& in) {
  const std::uint32_t number = in.u32();
  if (number > 255) in.fail();
  return static_cast<std::uint16_t>(number & 255U);
}
Payload get(ByteReader& in, Digests digests) {
  digests.level = in.u8();
  digests.ranges.resize(in.count(12));
  for (auto& [range, digest] : digests.ranges) {
    range = place(in);
    digest = in.u64();
  }
  return digests;
}

void put(ByteWriter& out, const Entries& entries) {
  out.u8(entries.answer ? 1 : 0);
  out.u32(static_cast<std::uint32_t>(entries.leaves.size()));
  for (const std::uint16_t leaf : entries.leaves) out.u32(leaf);
  put_entries(out, entries.entries);
}
Payload get(ByteReader& in, Entries entries) {
  entries.answer = flag(in);
  entries.leaves.resize(in.count(4));
  for (std::uint16_t& leaf : entries.leaves) leaf = place(in);
  entries.entries = get_entries(in);
  return entries;
}

void put_action(ByteWriter& out, const Action& action) {
  out.u8(static_cast<std::uint8_t>(action.index()));
  if (const auto* write_one = std::get_if<Put>(&action)) {
    out.u8(write_one->value ? 1 : 0);
    out.i64(write_one->value.value_or(0));
  } else if (const auto* beside = std::get_if<PutBeside>(&action)) {
    out.i64(beside->value);
    write(out, beside->context);
  } else if (const auto* insert = std::get_if<Insert>(&action)) {
    out.i64(insert->element);
  } else if (const auto* remove = std::get_if<Remove>(&action)) {
    out.i64(remove->element);
  } else if (const auto* add = std::get_if<Add>(&action)) {
    out.i64(add->amount);
  }
}
Action get_action(ByteReader& in) {
  switch (in.u8()) {
    case 0:
      return Read{};
    case 1: {
      const bool held = flag(in);
      const std::int64_t value = in.i64();
      return held ? Put{value} : Put{};
    }
    case 2: {
      const std::int64_t value = in.i64();
      return PutBeside{value, read_version_vector(in)};
    }
    case 3:
      return Insert{in.i64()};
    case 4:
      return Remove{in.i64()};
    case 5:
      return Add{in.i64()};
    default:
      in.fail();
      return Read{};
  }
}

void put(ByteWriter& out, const ClientRequest& request) {
  out.u64(request.id);
  out.u8(static_cast<std::uint8_t>(request.body.index()));
  const auto* what = std::get_if<Request>(&request.body);
  if (what == nullptr) return;
  out.text(what->key);
  put_action(out, what->action);
  out.u32(what->terms.replicas);
  out.u32(what->terms.reads);
  out.u32(what->terms.writes);
  out.u8(what->terms.atomic ? 1 : 0);
  out.u8(what->terms.sloppy ? 1 : 0);
}
Payload get(ByteReader& in, ClientRequest request) {
  request.id = in.u64();
  if (flag(in)) {
    request.body = StatusRequest{};
    return request;
  }
  Request what;
  what.key = text(in, kKeyBytesMax);
  what.action = get_action(in);
  what.terms.replicas = in.u32();
  what.terms.reads = in.u32();
  what.terms.writes = in.u32();
  what.terms.atomic = flag(in);
  what.terms.sloppy = flag(in);
  request.body = std::move(what);
  return request;
}

void put_value(ByteWriter& out, const Value& value) {
  out.u8(static_cast<std::uint8_t>(value.index()));
  if (const auto* number = std::get_if<std::int64_t>(&value)) out.i64(*number);
  const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
  if (list == nullptr) return;
  out.u32(static_cast<std::uint32_t>(list->size()));
  for (const std::int64_t item : *list) out.i64(item);
}
Value get_value(ByteReader& in) {
  const std::uint8_t kind = in.u8();
  if (kind == 0) return {};
  if (kind == 1) return in.i64();
  std::vector<std::int64_t> list(in.count(8));
  for (std::int64_t& item : list) item = in.i64();
  if (kind != 2) in.fail();
  return list;
}

void put(ByteWriter& out, const ClientAnswer& answer) {
  out.u64(answer.id);
  out.u8(static_cast<std::uint8_t>(answer.body.index()));
  if (const auto* reply = std::get_if<Reply>(&answer.body)) {
    out.u8(static_cast<std::uint8_t>(reply->status));
    put_value(out, reply->value);
    return write(out, reply->context);
  }
  const auto& status = std::get<NodeStatus>(answer.body);
  out.u64(status.life);
  out.u64(status.keys);
  out.u64(status.hints);
  out.u32(static_cast<std::uint32_t>(status.alive.size()));
  for (const std::string& name : status.alive) out.text(name);
}
Payload get(ByteReader& in, ClientAnswer answer) {
  answer.id = in.u64();
  if (flag(in)) {
    NodeStatus status;
    status.life = in.u64();
    status.keys = in.u64();
    status.hints = in.u64();
    status.alive.resize(in.count(4));
    for (std::string& name : status.alive) name = text(in, node::kNameBytesMax);
    answer.body = std::move(status);
    return answer;
  }
  Reply reply;
  const std::uint8_t status = in.u8();
  if (status > kReplyStatusLast) in.fail();
  reply.status = static_cast<ReplyStatus>(status);
  reply.value = get_value(in);
  reply.context = read_version_vector(in);
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

}  // namespace fracas::quorum
