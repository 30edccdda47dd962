#include "targets/quorum/wire/codec.h"

#include "lib/base/random.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::quorum;

namespace {

VersionVector some_context() {
  VersionVector context;
  context.raise({2, 9});
  context.raise({0, 4});
  return context;
}

std::vector<Payload> samples() {
  Dotted dotted;
  put_sibling(dotted, {1, 1}, -5, some_context());
  Counter counter;
  add_amount(counter, 3, -7);
  const Cell held = Register{{5, 6, 1, 2}, 42, 0};
  const Cell deleted = Register{{5, 7, 1, 2}, std::nullopt, 99};
  return {Store{1, "k", held, std::nullopt},
          Store{1, "k", Cell(dotted), Member{3}},
          Stored{7, false},
          Fetch{8, "k"},
          Fetched{8, std::nullopt},
          Fetched{8, Cell(counter)},
          Handoff{4, {{"a", held}, {"b", deleted}}},
          Handed{4},
          Gossip{{{1, 2}, {3, 4}}, true},
          Digests{1, {{15, 77}, {3, 0}}},
          Entries{{255, 0}, {{"a", deleted}}, true},
          ClientRequest{5, Request{"k", Read{}, {}}},
          ClientRequest{5, Request{"k", Put{}, {3, 1, 2, false, true}}},
          ClientRequest{5, Request{"k", Put{-7}, {}}},
          ClientRequest{5, Request{"k", PutBeside{4, some_context()}, {}}},
          ClientRequest{5, Request{"k", Insert{1}, {}}},
          ClientRequest{5, Request{"k", Remove{1}, {}}},
          ClientRequest{5, Request{"k", Add{-1}, {}}},
          ClientRequest{6, StatusRequest{}},
          ClientAnswer{6, NodeStatus{3, 10, 2, {"n1", "n2"}}},
          ClientAnswer{5, Reply{ReplyStatus::unknown, {}, {}}},
          ClientAnswer{5, Reply{ReplyStatus::ok, std::int64_t{-3}, {}}},
          ClientAnswer{5, Reply{ReplyStatus::ok, std::vector<std::int64_t>{1, 2}, some_context()}}};
}

}  // namespace

TEST_CASE("codec: every payload of the quorum store comes back as it went", "[unit][quorum]") {
  for (const Payload& payload : samples()) {
    const auto back = decode_payload(encode(payload));
    REQUIRE(back);
    CHECK((*back == payload));
  }
}

TEST_CASE("codec: cut and lengthened payloads of the quorum store are refused, and any bytes are safe",
          "[unit][quorum]") {
  RandomStream random(1, "garbage");
  for (const Payload& payload : samples()) {
    const std::string bytes = encode(payload);
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_payload(bytes.substr(0, size)));
    CHECK_FALSE(decode_payload(bytes + "x"));
    for (int i = 0; i < 1000; ++i) {
      std::string damaged = bytes;
      for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips)
        damaged[static_cast<std::size_t>(random.below(damaged.size()))] = static_cast<char>(random.below(256));
      static_cast<void>(decode_payload(damaged));
    }
  }
}
