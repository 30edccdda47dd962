#include "targets/raft/wire/codec.h"

#include "lib/base/random.h"
#include "targets/node/data/hash.h"
#include "targets/node/wire/frame.h"
#include "targets/node/wire/socket.h"
#include "tests/catch/catch.h"

namespace fracas::raft::test {
namespace {

using namespace node;

std::vector<Payload> samples() {
  return {
      VoteRequest{Term(3), true, 9, Term(2)},
      VoteResponse{Term(3), false, true},
      AppendRequest{Term(3), 8, Term(2), 7, 44, {{9, Term(3), "payload"}, {10, Term(3), ""}}},
      SnapshotRequest{Term(3), 5, {9, Term(2), 1234, std::string("\0state", 6)}},
      AppendResponse{Term(3), false, 8, 4, Term(1), 44},
      ClientRequest{5, WriteRequest{{1, 2, "k", Put{-7}}}},
      ClientRequest{5, WriteRequest{{1, 2, "k", Cas{1, 2}}}},
      ClientRequest{5, WriteRequest{{1, 2, "k", Append{3}}}},
      ClientRequest{6, ReadRequest{"k"}},
      TimeoutNow{Term(4)},
      VoteRequest{Term(3), false, 9, Term(2), true},
      ClientRequest{5, WriteRequest{{1, 2, "k", Delete{}}}},
      ClientRequest{
          5,
          WriteRequest{{1, 2, "",
                        Configure{{.voters = {NodeId("a"), NodeId("b")}, .outgoing = {NodeId("c")}, .learners = {}}}}}},
      ClientRequest{5, WriteRequest{{1, 2, "", Batch{{{"a", Value{}}}, {{Step::Kind::append, "b", 3}}}}}},
      ClientRequest{7, StatusRequest{}},
      ClientRequest{8, TransferRequest{"n2"}},
      ClientRequest{9, ChangeRequest{{"n1", "n2"}, {"n3"}}},
      ClientAnswer{7, NodeStatus{"leader", 3, "n1", 9, 8, {"n1", "n2"}, {"n1", "n3"}, {"n4"}}},
      ClientAnswer{6, Reply{ReplyStatus::ok, Value{std::vector<std::int64_t>{1, -2, 3}}, {}, ""}},
      ClientAnswer{6, Reply{ReplyStatus::ok, Value{}, {Value{}, Value{std::int64_t{4}}}, ""}},
      ClientAnswer{6, Reply{ReplyStatus::not_leader, Value{}, {}, "n4"}}};
}

}  // namespace

TEST_CASE("codec: every payload comes back as it went", "[unit][raft]") {
  for (const Payload& payload : samples()) {
    const auto back = decode_payload(encode(payload));
    REQUIRE(back);
    CHECK((*back == payload));
  }
}

TEST_CASE("codec: cut and lengthened payloads are refused", "[unit][raft]") {
  for (const Payload& payload : samples()) {
    const std::string bytes = encode(payload);
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_payload(bytes.substr(0, size)));
    CHECK_FALSE(decode_payload(bytes + "x"));
  }
}

TEST_CASE("codec: any bytes are safe to decode", "[unit][raft]") {
  RandomStream random(1, "garbage");
  const std::vector<Payload> all = samples();
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = encode(all[static_cast<std::size_t>(random.below(all.size()))]);
    for (std::uint64_t flips = random.below(4); flips > 0 && !bytes.empty(); --flips)
      bytes[static_cast<std::size_t>(random.below(bytes.size()))] = static_cast<char>(random.below(256));
    static_cast<void>(decode_payload(bytes));
  }
}

TEST_CASE("codec: keys, sequences and kinds out of range are refused", "[unit][raft]") {
  CHECK_FALSE(decode_payload(encode(Payload(ClientRequest{1, WriteRequest{{1, 0, "k", Put{1}}}}))));
  CHECK_FALSE(decode_payload(encode(Payload(ClientRequest{1, WriteRequest{{1, 1, std::string(1025, 'k'), Put{1}}}}))));
  CHECK_FALSE(decode_payload(encode(Payload(ClientRequest{1, ReadRequest{std::string(1025, 'k')}}))));
  CHECK_FALSE(decode_payload("\x7f"));
}

TEST_CASE("frame: a stream is cut into payloads wherever it breaks", "[unit][raft]") {
  const std::string stream = make_frame("first") + make_frame("second");
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    FrameReader reader(100);
    std::vector<std::string> got;
    for (const std::string& part : {stream.substr(0, split), stream.substr(split)}) {
      reader.feed(part);
      for (auto next = reader.next(); next && *next; next = reader.next()) got.push_back(**next);
    }
    CHECK(got == std::vector<std::string>{"first", "second"});
  }
}

TEST_CASE("frame: too long, empty and damaged ones are errors", "[unit][raft]") {
  FrameReader longer(4);
  longer.feed(make_frame("12345"));
  CHECK_FALSE(longer.next());
  FrameReader empty(4);
  empty.feed(make_frame(""));
  CHECK_FALSE(empty.next());
  FrameReader damaged(4);
  std::string frame = make_frame("1234");
  frame.back() = '5';
  damaged.feed(frame);
  CHECK_FALSE(damaged.next());
}

TEST_CASE("crc32c: it gives the published check value", "[unit][raft]") {
  CHECK(crc32c("123456789") == 0xe3069283U);
  CHECK(crc32c("6789", crc32c("12345")) == 0xe3069283U);
}

TEST_CASE("address: literals with a port are read, anything else is refused", "[unit][raft]") {
  for (const char* good : {"10.0.0.1:7000", "[fd00::1]:7000", "[::1]:65535"}) CHECK(parse_address(good));
  for (const char* bad : {"", "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:7x", "localhost:7000",
                          "::1:7000", "[::1]", "[10.0.0.1]:7000", "[]:7000"}) {
    INFO(bad);
    CHECK_FALSE(parse_address(bad));
  }
}

TEST_CASE("codec: a peer's address may be a host name and a port", "[unit][raft]") {
  const auto named = parse_peer_address("n2.lab:7000");
  REQUIRE(named);
  CHECK(std::get<NamedAddress>(*named).host == "n2.lab");
  CHECK(std::get<NamedAddress>(*named).port == 7000);
  const auto plain = parse_peer_address("10.0.0.1:7000");
  REQUIRE(plain);
  CHECK(std::holds_alternative<Address>(*plain));
  for (const char* bad : {"n2.lab", "n2.lab:0", "n2 lab:7000", ":7000", "10.0.0:7000", "[fd00::1:7000"})
    CHECK_FALSE(parse_peer_address(bad));
}

}  // namespace fracas::raft::test
