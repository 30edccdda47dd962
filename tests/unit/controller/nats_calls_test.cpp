#include "controller/target/nats_calls.h"

#include <cerrno>

#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using model::EventType;
namespace nats = controller::nats;
using Kind = nats::Found::Kind;

}  // namespace

TEST_CASE("nats: a key is a subject of the stream", "[unit][controller]") {
  const auto written = nats::publish("k7", 12);
  CHECK(written.subject == "store.k7");
  CHECK(written.body == "12");
  CHECK(nats::last_message("k7").subject == "$JS.API.STREAM.MSG.GET.store");
  CHECK(nats::last_message("k7").body == R"({"last_by_subj":"store.k7"})");
  CHECK(nats::next_message("k7", 3).body == R"({"next_by_subj":"store.k7","seq":3})");
  CHECK(nats::create_stream(3).body.find(R"("num_replicas":3)") != std::string::npos);
  CHECK(nats::create_stream(3).body.find(R"("subjects":["store.>"])") != std::string::npos);
}

TEST_CASE("nats: a message carries its number and its value", "[unit][controller]") {
  const auto found = nats::found_in(R"({"type":"x","message":{"subject":"store.k7","seq":41,"data":"MTI="}})");
  CHECK(found.kind == Kind::message);
  CHECK(found.sequence == 41);
  CHECK(found.value == 12);
  const auto none =
      nats::found_in(R"({"type":"x","error":{"code":404,"err_code":10037,"description":"no message found"}})");
  CHECK(none.kind == Kind::nothing);
  CHECK(nats::found_in(R"({"error":{"code":404,"err_code":10059,"description":"stream not found"}})").kind ==
        Kind::error);
  CHECK(nats::found_in("<html>").kind == Kind::error);
}

TEST_CASE("nats: only what the stream's servers stored is done", "[unit][controller]") {
  CHECK(nats::answer_to_publication(R"({"stream":"store","seq":7})").type == EventType::ok);
  const auto other = nats::answer_to_publication(
      R"({"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 3"},"stream":"store","seq":0})");
  CHECK(other.type == EventType::fail);
  CHECK(other.error == "mismatch");
  CHECK(nats::answer_to_publication(R"({"error":{"code":503,"err_code":10008,"description":"unavailable"}})").type ==
        EventType::fail);
  // One of the servers failed to store it: others may have it.
  CHECK(nats::answer_to_publication(R"({"error":{"code":503,"err_code":10077,"description":"write failed"}})").type ==
        EventType::info);
  CHECK(nats::answer_to_publication("{}").type == EventType::info);
}

TEST_CASE("nats: a request that found nobody did nothing", "[unit][controller]") {
  CHECK(nats::answer_without_reply({.message = "connect", .code = ECONNREFUSED}).type == EventType::fail);
  CHECK(nats::answer_without_reply({.message = "nobody answers", .code = ENOENT}).type == EventType::fail);
  CHECK(nats::answer_without_reply({.message = "no answer in time", .code = ETIMEDOUT}).type == EventType::info);
}

TEST_CASE("nats: a stream is led by one server and kept by those that are current", "[unit][controller]") {
  const auto state = nats::stream_state(
      R"({"cluster":{"leader":"n2","replicas":[{"name":"n1","current":true},{"name":"n3","current":false}]}})");
  CHECK(state.leader == "n2");
  CHECK(state.current == 2);
  CHECK(nats::stream_state(R"({"cluster":{"replicas":[]}})").leader.empty());
  CHECK(nats::stream_state(R"({"error":{"err_code":10008,"description":"unavailable"}})").error == "unavailable");
}
