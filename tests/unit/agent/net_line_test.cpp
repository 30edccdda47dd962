#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "agent/bpf/net.abi.h"
#include "agent/line/flow_schedule.h"
#include "agent/line/frame.h"
#include "agent/line/release_queue.h"
#include "lib/base/random.h"
#include "tests/catch/catch.h"

using fracas::RandomStream;
using fracas::agent::flow_hash;
using fracas::agent::FlowSchedule;
using fracas::agent::Frame;
using fracas::agent::LineRule;
using fracas::agent::parse_held_frame;
using fracas::agent::ReleaseQueue;
using fracas::agent::VnetHeader;
using std::chrono::milliseconds;

namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

// An Ethernet frame with IPv4 and the first bytes of UDP.
std::vector<std::byte> udp_frame(int source_port, int fragment_bits = 0) {
  auto frame = bytes_of({1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0});
  const auto packet = bytes_of({0x45, 0, 0,  32, 0, 1, fragment_bits, 0, 64, 17, 0, 0,  10, 0,
                                0,    1, 10, 0,  0, 2, source_port,   0, 7,  0,  0, 12, 0,  0,
                                9,    9, 9,  9});
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

Frame numbered(std::uint32_t number) {
  Frame frame;
  frame.ifindex = number;
  return frame;
}

template <typename T>
void append(std::vector<std::byte>& bytes, const T& value) {
  const auto* raw = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), raw, raw + sizeof value);
}

}  // namespace

TEST_CASE("release queue: frames leave by due time, equal ones in the order they came", "[unit][agent]") {
  ReleaseQueue queue;
  RandomStream random(1, "test");
  std::vector<std::pair<std::int64_t, std::uint32_t>> expected;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const auto due = static_cast<std::int64_t>(random.below(300));
    expected.emplace_back(due, i);
    queue.push(due, numbered(i));
  }
  std::sort(expected.begin(), expected.end());
  CHECK(queue.next_due_ns() == expected.front().first);
  CHECK_FALSE(queue.pop(-1));
  for (const auto& [due, number] : expected) {
    CHECK_FALSE(queue.pop(due - 1));
    const auto frame = queue.pop(due);
    REQUIRE(frame);
    CHECK(frame->ifindex == number);
  }
  CHECK(queue.empty());
  CHECK_FALSE(queue.next_due_ns());
}

TEST_CASE("flow schedule: without jitter every packet is held for exactly the delay", "[unit][agent]") {
  FlowSchedule schedule(LineRule{.delay = milliseconds(20), .jitter = {}, .seed = 1});
  for (std::int64_t at = 0; at < 1000; at += 7) CHECK(schedule.due_ns(at, 5, 100).value() == at + 20'000'000);
}

TEST_CASE("flow schedule: jitter stays in its range, and no packet overtakes its flow", "[unit][agent]") {
  const LineRule rule{.delay = milliseconds(20), .jitter = milliseconds(5), .seed = 1};
  FlowSchedule schedule(rule);
  FlowSchedule again(rule);
  std::int64_t last = 0;
  std::int64_t least = INT64_MAX;
  std::int64_t most = 0;
  for (std::int64_t at = 0; at < 2'000'000'000; at += 11'000'000) {  // apart: only the jitter decides
    const std::int64_t held = schedule.due_ns(at, 1, 100).value() - at;
    CHECK(again.due_ns(at, 1, 100).value() - at == held);
    least = std::min(least, held);
    most = std::max(most, held);
  }
  CHECK(least >= 15'000'000);
  CHECK(least < 15'500'000);
  CHECK(most <= 25'000'000);
  CHECK(most > 24'500'000);
  for (std::int64_t at = 3'000'000'000; at < 3'001'000'000; at += 1000) {
    const std::int64_t due = schedule.due_ns(at, 2, 100).value();
    CHECK(due >= last);
    last = due;
  }
}

TEST_CASE("held frame: what the classifier put in front is taken off again", "[unit][agent]") {
  std::vector<std::byte> read;
  append(read, VnetHeader{.flags = 1,
                          .gso_type = 1,
                          .header_bytes = 70,
                          .segment_bytes = 1448,
                          .checksum_start = 50,
                          .checksum_offset = 16});
  fracas_held held{};
  held.arrived_ns = 77;
  held.ifindex = 3;
  held.protocol = htons(0x0800);
  held.rule = 5;
  held.magic = FRACAS_HELD_LEAVING;
  append(read, held);
  const auto wire = udp_frame(1);
  read.insert(read.end(), wire.begin(), wire.end());
  const auto frame = parse_held_frame(read);
  REQUIRE(frame);
  CHECK(frame->arrived_ns == 77);
  CHECK(frame->ifindex == 3);
  CHECK(frame->rule == 5);
  CHECK_FALSE(frame->arriving);
  CHECK(frame->wire_bytes() == wire.size());
  CHECK(std::equal(wire.begin(), wire.end(), frame->bytes.begin() + sizeof(VnetHeader)));
  VnetHeader vnet;
  std::memcpy(&vnet, frame->bytes.data(), sizeof vnet);
  CHECK(vnet.checksum_start == 34);
  CHECK(vnet.header_bytes == 54);
  CHECK(vnet.segment_bytes == 1448);
  for (std::size_t size = 0; size <= sizeof(VnetHeader) + sizeof held; ++size)
    CHECK_FALSE(parse_held_frame(std::span(read).first(size)));
  read[sizeof(VnetHeader) + 15] = std::byte{FRACAS_HELD_ARRIVING};
  REQUIRE(parse_held_frame(read));
  CHECK(parse_held_frame(read)->arriving);
  read[sizeof(VnetHeader) + 15] = std::byte{0};
  CHECK_FALSE(parse_held_frame(read));
}

TEST_CASE("flow hash: ports tell flows apart, but not those of fragments", "[unit][agent]") {
  CHECK(flow_hash(udp_frame(1)) == flow_hash(udp_frame(1)));
  CHECK(flow_hash(udp_frame(1)) != flow_hash(udp_frame(2)));
  CHECK(flow_hash(udp_frame(1, 0x20)) == flow_hash(udp_frame(2, 0x20)));
  const auto frame = udp_frame(1);
  for (std::size_t size = 0; size < frame.size(); ++size)
    static_cast<void>(flow_hash(std::span(frame).first(size)));  // a short frame is no reason to read past it
}
