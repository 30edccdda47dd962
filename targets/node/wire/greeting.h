#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What every connection to a member of a bundled store begins with, and what keeps those between members alive. A
// payload's first byte is its kind; those from kFirstOwnKind on are each store's own.
namespace fracas::node {

struct Hello {
  enum class Kind : std::uint8_t { peer, client };
  Kind kind = Kind::client;
  std::string name{};  // peer: the member that dials; client: anything
  bool operator==(const Hello&) const = default;
};
constexpr std::size_t kNameBytesMax = 64;
constexpr std::uint8_t kFirstOwnKind = 3;

std::string encode(const Hello& hello);
// Nothing where the bytes are another payload, or none. Any bytes are safe.
std::optional<Hello> decode_hello(std::string_view bytes);

// Asks the other end of a connection between members for a sign of life, and gives it.
std::string ping();
std::string pong();
bool is_ping(std::string_view bytes);

}  // namespace fracas::node
