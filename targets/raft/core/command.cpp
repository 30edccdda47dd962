#include "targets/raft/core/command.h"

namespace fracas::raft {

namespace {

void write_batch(ByteWriter& out, const Batch& batch) {
  out.u32(static_cast<std::uint32_t>(batch.requirements.size()));
  for (const Requirement& each : batch.requirements) {
    out.text(each.key);
    write(out, each.value);
  }
  out.u32(static_cast<std::uint32_t>(batch.steps.size()));
  for (const Step& step : batch.steps) {
    out.u8(static_cast<std::uint8_t>(step.kind));
    out.text(step.key);
    out.i64(step.value);
  }
}

std::string read_key(ByteReader& in) {
  const std::string_view key = in.text();
  if (key.size() > kKeyBytesMax) in.fail();
  return std::string(key);
}

Batch read_batch(ByteReader& in) {
  Batch batch;
  batch.requirements.resize(in.count(5));
  for (Requirement& each : batch.requirements) {
    each.key = read_key(in);
    each.value = read_value(in);
  }
  batch.steps.resize(in.count(13));
  for (Step& step : batch.steps) {
    const std::uint8_t kind = in.u8();
    if (kind > static_cast<std::uint8_t>(Step::Kind::remove)) in.fail();
    step.kind = static_cast<Step::Kind>(kind);
    step.key = read_key(in);
    step.value = in.i64();
  }
  if (batch.requirements.size() > kBatchPartsMax || batch.steps.size() > kBatchPartsMax) in.fail();
  return batch;
}

}  // namespace

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
  if (const auto* configure = std::get_if<Configure>(&command.operation)) write(out, configure->configuration);
  if (const auto* batch = std::get_if<Batch>(&command.operation)) write_batch(out, *batch);
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
    case 6:
      command.operation = Delete{};
      break;
    case 7:
      command.operation = Configure{read_configuration(in)};
      break;
    case 8:
      command.operation = read_batch(in);
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
