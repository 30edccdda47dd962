#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "lib/base/result.h"
#include "targets/node/data/bytes.h"
#include "targets/node/wire/greeting.h"

// A store's payloads are the alternatives of a variant: the first byte says which, the rest is its own.
namespace fracas::node {

// `put(out, alternative)` writes the rest.
template <typename Payload, typename Put>
std::string encode_payload(const Payload& payload, Put put) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(kFirstOwnKind + payload.index()));
  std::visit([&](const auto& one) { put(out, one); }, payload);
  return out.take();
}

template <typename Payload, typename Get, std::size_t... Kinds>
std::optional<Payload> get_payload(ByteReader& in, std::size_t kind, Get get, std::index_sequence<Kinds...>) {
  std::optional<Payload> payload;
  const auto take = [&]<std::size_t Kind>() {
    if (Kind == kind) payload = get(in, std::variant_alternative_t<Kind, Payload>{});
  };
  (take.template operator()<Kinds>(), ...);
  return payload;
}

// `get(in, alternative)` reads what `put` wrote into an empty alternative. Nothing where the bytes are no payload, or
// are more than one. Any bytes are safe, if they are to `get`.
template <typename Payload, typename Get>
std::optional<Payload> decode_payload(std::string_view bytes, Get get) {
  ByteReader in(bytes);
  const std::uint8_t kind = in.u8();
  if (kind < kFirstOwnKind) return std::nullopt;
  auto payload = get_payload<Payload>(in, static_cast<std::size_t>(kind - kFirstOwnKind), get,
                                      std::make_index_sequence<std::variant_size_v<Payload>>());
  if (!in.done()) return std::nullopt;
  return payload;
}

// The alternatives that are messages between members; nothing for the others.
template <typename Message, typename Payload>
std::optional<Message> as_message_of(Payload&& payload) {
  return std::visit(
      [](auto&& one) -> std::optional<Message> {
        if constexpr (std::is_constructible_v<Message, decltype(one)>)
          return Message(std::forward<decltype(one)>(one));
        else
          return std::nullopt;
      },
      std::forward<Payload>(payload));
}

// The answer to the request of that id; nothing where it is another's. ERRORS: no answer at all.
template <typename Answer, typename Payload>
Result<std::optional<Answer>> answer_of(std::optional<Payload> payload, std::uint64_t id) {
  auto* answer = payload ? std::get_if<Answer>(&*payload) : nullptr;
  if (answer == nullptr) return failure("malformed answer");
  if (answer->id != id) return std::nullopt;
  return std::move(*answer);
}

}  // namespace fracas::node
