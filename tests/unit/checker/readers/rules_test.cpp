#include "checker/readers/reading.h"

#include <fmt/format.h>

#include "checker/catalogue.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/readers/read_text.h"

using namespace fracas;
using namespace fracas::checker;
using namespace fracas::checker::tests;

using Lines = std::vector<std::string>;

namespace {

std::string event(std::string_view time, std::string_view process, std::string_view type, std::string_view rest) {
  std::string line = "{\"process\":\"" + std::string(process) + "\",\"type\":\"" + std::string(type) + "\"";
  if (!time.empty()) line += ",\"time\":" + std::string(time);
  return line + "," + std::string(rest) + "}\n";
}

constexpr std::string_view kRead = R"("f":"read")";

}  // namespace

TEST_CASE("readers: where no event names a process, all are of one client", "[unit][checker]") {
  const auto read = read_text("{:type :invoke, :f :read}\n{:type :ok, :f :read, :value 3}\n");
  REQUIRE(read);
  CHECK(read->history.processes == Lines{"client"});
  CHECK(read->notes == Lines{"no event names a process: all are of one client"});
  CHECK(refusal_of("{:type :invoke, :f :read}\n{:type :ok, :process 1, :f :read, :value 3}\n") ==
        "h:2: the event has a \"process\", though those before it have none");
}

TEST_CASE("readers: of EDN's symbolic values there are three", "[unit][checker]") {
  const auto read_of = [](std::string_view value) {
    return fmt::format("{{:type :invoke, :f :write, :value {0}}}\n{{:type :ok, :f :write, :value {0}}}\n", value);
  };
  for (const std::string_view symbol : {"Inf", "-Inf", "NaN"}) {
    const auto read = read_text(read_of(fmt::format("##{}", symbol)));
    REQUIRE(read);
    CHECK(read->history.describe(read->history.operations.at(0).argument) == symbol);
  }
  CHECK(refusal_of(read_of("##")).ends_with(": an unknown symbolic value"));
  CHECK(refusal_of(read_of("##Infinity")).ends_with(": an unknown symbolic value"));
}

TEST_CASE("readers: a history that breaks its own rules is refused at its line", "[unit][checker]") {
  const std::string opened = event("1", "a", "invoke", kRead);
  CHECK(refusal_of(opened + "\n" + event("2", "a", "invoke", kRead)) ==
        "h:3: process a invokes a second operation while its read of event 1 is open");
  CHECK(refusal_of(event("1", "a", "ok", kRead)) == "h:1: process a has \"ok\" without an invocation");
  CHECK(refusal_of(opened + event("2", "a", "ok", R"("f":"write")")) ==
        "h:2: process a completes a write but has a read open");
  CHECK(refusal_of(opened + event("", "b", "invoke", kRead)) ==
        "h:2: the event has no \"time\", unlike those before it");
  CHECK(refusal_of(event("1", "a", "done", kRead)) == "h:1: \"type\" is \"done\", not invoke, ok, fail or info");
  CHECK(refusal_of(opened + event("2", "", "ok", kRead)) == "h:2: the event has no \"process\"");
  CHECK(refusal_of(event("1", "a", "invoke", R"("value":1)")) == "h:1: the event has no \"f\" (what was asked)");
  CHECK(refusal_of(event("1", "a", "invoke", R"("f":"read","f":"read")")) ==
        "h:1:56: the event has two members of this name");
  CHECK(refusal_of(event("5000000000000000000", "a", "invoke", kRead)) ==
        "h:1: 5000000000000000000 is no time in nanoseconds");
  const auto nothing = read_text(event("1", "nemesis", "info", kRead));
  REQUIRE(nothing);
  CHECK(nothing->notes == Lines{"the history has no operation"});
}

TEST_CASE("readers: what is cut off or malformed is refused where it is", "[unit][checker]") {
  CHECK(refusal_of("{\"time\":1,\"process\":\"a\"") == "h:1:24: the line ends where a } is missing");
  CHECK(refusal_of("{\"time\":1.5}") == "h:1:9: a whole number of 64 bits is missing");
  CHECK(refusal_of(event("1", "a", "invoke", kRead) + "{\"f\":\"x\ny\"}") ==
        "h:2:8: a text has no closing quote, or a bare control character");
  CHECK(refusal_of("{\"a\":1} x") == "h:1:9: something follows the event");
  CHECK(refusal_of("[{:process 0 :type :invoke :f :read}") == "h:1:37: the file ends inside the history");
  CHECK(refusal_of("{:process 0 :type :invoke :f :read} nonsense") == "h:1:37: a { is missing");
  CHECK(refusal_of("{:process 0 :type :invoke :f :read} #_{") == "h:1:40: the file ends where a } is missing");
  CHECK(refusal_of("[] {:process 0}") == "h:1:4: something follows the history");
  CHECK(refusal_of("INFO  jepsen.util - 3 :invoke :cas [1 2") == "h:1:40: the file ends where a ] is missing");
  CHECK(refusal_of("process,type,value\n") == "h:1: the header has no column \"f\"");
  CHECK(refusal_of("process,type,f,f\n") == "h:1: the header names \"f\" twice");
  CHECK(refusal_of("process,type,f\n1,invoke\n") == "h:2: 2 fields, but the header has 3");
  CHECK(refusal_of("process,type,f\n1,\"invoke,read\n") == "h:2: a quoted field is malformed");
  CHECK(refusal_of("process,type,f,time\n1,invoke,read,soon\n") ==
        "h:2: the time \"soon\" is no whole number of nanoseconds");
  CHECK(refusal_of("r 1 2\nr 1\n") == "h:2: neither \"r KEY VALUE\" nor \"w KEY VALUE\" nor a line of --- or ===");
  CHECK(refusal_of("r(1,2,3,4)\nw(1,2,3)\n") == "h:2: neither \"r(KEY,VALUE,SESSION,TRANSACTION)\" nor \"w(…)\"");
}

TEST_CASE("readers: the order of the lines counts where times contradict it or tell nothing", "[unit][checker]") {
  const std::string late = event("100", "a", "invoke", kRead) + event("200", "a", "ok", kRead) +
                           event("150", "b", "invoke", kRead) + event("151", "b", "ok", kRead);
  const auto reading = read_text(late);
  // b's read was written down after a's answer, so it must not become concurrent with it.
  CHECK(operations_of(reading) == Lines{"a read nil -> nil ok 100..200", "b read nil -> nil ok 201..201"});
  REQUIRE(reading);
  CHECK(reading->notes ==
        Lines{"2 events have a time before that of the line above, by up to 0.000 ms; the order of the lines counts"});
  const std::string same = event("0", "a", "invoke", kRead) + event("0", "a", "ok", kRead) +
                           event("0", "b", "invoke", kRead) + event("0", "b", "info", kRead);
  CHECK(operations_of(read_text(same)) == Lines{"a read nil -> nil ok 0..1", "b read nil -> nil info 2.."});
  const std::string unsorted = event("5000000000", "a", "invoke", kRead) + event("1", "b", "invoke", kRead);
  CHECK(refusal_of(unsorted).find("h:2: its time 1 is 5.000 s before that of the event before it") == 0);
}

TEST_CASE("readers: keys may stand in front of values, if the user says so", "[unit][checker]") {
  ReadOptions options;
  options.keyed_values = true;
  const std::string_view text =
      "{:process 0 :type :invoke :f :cas :value [x [1 2]]} {:process 0 :type :ok :f :cas :value [x [1 2]]}"
      "{:process 0 :type :invoke :f :read :value [7 nil]} {:process 0 :type :ok :f :read :value [7 3]}";
  CHECK(operations_of(read_text(text, options)) ==
        Lines{R"(0 cas "x": [1 2] -> [1 2] ok 0..1)", "0 read 7: nil -> 3 ok 2..3"});
  CHECK(refusal_of("{:process 0 :type :invoke :f :write :value 3}", options) == "h:1: its value is 3, not [key value]");
}

TEST_CASE("readers: completions alone are accepted only if the user says so", "[unit][checker]") {
  const std::string_view text =
      "{:process 0 :type :ok :value [[:append :x 1]]} {:process 0 :type :info :value [[:append :x 2]]}"
      "{:process 1 :type :invoke :value [[:r :x nil]]} {:process 1 :type :ok :value [[:r :x [1]]]}";
  CHECK(refusal_of(text) == "h:1: process 0 has \"ok\" without an invocation");
  ReadOptions options;
  options.completions_only = true;
  CHECK(operations_of(read_text(text, options)) == Lines{R"(0 txn [["append" "x" 1]] -> [["append" "x" 1]] ok 0..0)",
                                                         R"(0 txn [["append" "x" 2]] -> [["append" "x" 2]] info 0..)",
                                                         R"(1 txn [["r" "x" nil]] -> [["r" "x" [1]]] ok 2..3)"});
}

TEST_CASE("readers: faults of other tools are kept apart from the clients", "[unit][checker]") {
  const std::string text = event("10", "a", "invoke", kRead) +
                           event("20", "nemesis", "info", R"("f":"cut","value":{"n1":["n2"]})") +
                           event("30", "a", "ok", kRead);
  const auto reading = read_text(text);
  REQUIRE(reading);
  CHECK(reading->history.events == 2);
  CHECK(reading->history.operations[0].completion == 1);
  REQUIRE(reading->history.nemesis.size() == 1);
  CHECK(reading->history.nemesis[0].what == R"(cut {"n1" ["n2"]})");
  CHECK(reading->history.nemesis[0].time_ns == 20);
}

TEST_CASE("readers: bytes that are done with are given back as the reading goes on", "[unit][checker]") {
  std::string text;
  for (int i = 0; i < 80'000; ++i) text += event(std::to_string(i), "a", i % 2 == 0 ? "invoke" : "ok", kRead);
  std::size_t released = 0;
  ReadOptions options;
  options.consumed = [&](std::size_t bytes) {
    CHECK(bytes > released);
    released = bytes;
  };
  const auto reading = read_history({"h", text}, Format::json_lines, options);
  REQUIRE(reading);
  CHECK(reading->history.operations.size() == 40'000);
  CHECK(released > std::size_t{4} << 20);
  CHECK(released <= text.size());
}

TEST_CASE("readers: a history of nothing is sound, whatever it should look like", "[unit][checker]") {
  const auto nothing = read_text("");
  REQUIRE(nothing);
  for (const ModelKind* kind : catalogue())
    for (const std::string_view level : kind->levels) {
      Request request;
      request.level = level;
      INFO(kind->name << " " << level);
      const auto result = check(nothing->history, *kind, request);
      REQUIRE(result);
      CHECK(result->verdict != Verdict::violated);
    }
}
