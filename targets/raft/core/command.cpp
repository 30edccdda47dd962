#include "targets/raft/core/command.h"

namespace fracas::raft {

std::string encode(const Command& command) {
  ByteWriter out;
  out.u64(command.client);
  out.u64(command.sequence);
  out.text(command.key);
  out.u8(static_cast<std::uint8_t>(command.operation.index()));
  if (const auto* put = std::get_if<Put>(&command.operation)) out.i64(put->value);
  if (const auto* append = std::get_if<Append>(&command.operation)) out.i64(append->value);
  if (const auto* cas = std::get_if<Cas>(&command.operation)) {
    out.i64(cas->expected);
    out.i64(cas->desired);
  }
  if (const auto* guarded = std::get_if<GuardedPut>(&command.operation)) {
    out.i64(guarded->value);
    out.i64(guarded->token);
  }
  if (const auto* expire = std::get_if<Expire>(&command.operation)) out.i64(expire->token);
  return out.take();
}

std::optional<Command> decode_command(std::string_view bytes) {
  ByteReader in(bytes);
  Command command;
  command.client = in.u64();
  command.sequence = in.u64();
  command.key = in.text();
  switch (in.u8()) {
    case 0:
      command.operation = Put{in.i64()};
      break;
    case 1: {
      const std::int64_t expected = in.i64();
      command.operation = Cas{expected, in.i64()};
      break;
    }
    case 2:
      command.operation = Append{in.i64()};
      break;
    case 3:
      command.operation = Acquire{};
      break;
    case 4: {
      const std::int64_t value = in.i64();
      command.operation = GuardedPut{value, in.i64()};
      break;
    }
    case 5:
      command.operation = Expire{in.i64()};
      break;
    default:
      return std::nullopt;
  }
  if (!in.done() || command.key.size() > kKeyBytesMax || command.sequence == 0) return std::nullopt;
  return command;
}

void write(ByteWriter& out, const Value& value) {
  out.u8(static_cast<std::uint8_t>(value.index()));
  if (const auto* number = std::get_if<std::int64_t>(&value)) out.i64(*number);
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
    out.u32(static_cast<std::uint32_t>(list->size()));
    for (const std::int64_t item : *list) out.i64(item);
  }
}

Value read_value(ByteReader& in) {
  switch (in.u8()) {
    case 0:
      return {};
    case 1:
      return in.i64();
    case 2: {
      std::vector<std::int64_t> list(in.count(8));
      for (std::int64_t& item : list) item = in.i64();
      return list;
    }
    default:
      in.fail();
      return {};
  }
}

}  // namespace fracas::raft
