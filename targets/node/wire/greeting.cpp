#include "targets/node/wire/greeting.h"

#include "targets/node/data/bytes.h"

namespace fracas::node {
namespace {

constexpr std::uint64_t kMagic = 0x3154464153434152U;  // names protocol and version at a connection's start
constexpr char kHello = 0;
constexpr char kPing = 1;
constexpr char kPong = 2;

}  // namespace

std::string encode(const Hello& hello) {
  ByteWriter out;
  out.u8(kHello);
  out.u64(kMagic);
  out.u8(static_cast<std::uint8_t>(hello.kind));
  out.text(hello.name);
  return out.take();
}

std::optional<Hello> decode_hello(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.u8() != kHello || in.u64() != kMagic) return std::nullopt;
  const std::uint8_t kind = in.u8();
  Hello hello{kind == 0 ? Hello::Kind::peer : Hello::Kind::client, std::string(in.text())};
  if (!in.done() || kind > 1 || hello.name.size() > kNameBytesMax) return std::nullopt;
  return hello;
}

std::string ping() {
  return {kPing};
}

std::string pong() {
  return {kPong};
}

bool is_ping(std::string_view bytes) {
  return bytes.size() == 1 && bytes.front() == kPing;
}

}  // namespace fracas::node
