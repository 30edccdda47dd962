#include "checker/readers/reading.h"

#include "tests/catch/catch.h"
#include "tests/unit/checker/readers/read_text.h"

using namespace fracas;
using namespace fracas::checker;
using namespace fracas::checker::tests;

using Lines = std::vector<std::string>;

TEST_CASE("readers: one history is the same in every format that has events", "[unit][checker]") {
  const Lines expected{R"(0 write "k": 1 -> 1 ok 100..300 at n1)", R"(1 cas "k": [1 2] -> [1 2] fail 200..400 at n2)",
                       R"(0 read "k": nil -> nil info 500.. at n1)"};
  const std::string_view json = R"(
{"time":100,"process":0,"type":"invoke","f":"write","key":"k","value":1,"node":"n1","extra":{"a":[1,"\"}"]}}
{"time":200,"process":1,"type":"invoke","f":"cas","key":"k","value":[1,2],"node":"n2"}

{"time":300,"process":0,"type":"ok","f":"write","key":"k","value":1,"node":"n1"}
{"time":400,"process":1,"type":"fail","f":"cas","key":"k","value":[1,2],"node":"n2","error":["x",{"y":null}]}
{"time":500,"process":0,"type":"invoke","f":"read","key":"k","value":null,"node":"n1"}
)";
  const std::string_view edn = R"(; the same
[#jepsen.history.Op{:time 100, :process 0, :type :invoke, :f :write, :key "k", :value 1, :node "n1"}
 {:time 200, :process 1, :type :invoke, :f :cas, :key "k", :value [1 2], :node "n2", :extra #{1 [2 {:a "\"}"}]}}
 #_{:time 1 :of [no interest]}
 {:time 300, :process 0, :type :ok, :f :write, :key "k", :value 1, :node "n1"}
 {:time 400, :process 1, :type :fail, :f :cas, :key "k", :value (1 2), :node "n2"}
 {:time 500, :process 0, :type :invoke, :f :read, :key "k", :value nil, :node "n1"}]
)";
  const std::string_view csv =
      "time,process,type,f,key,value,node,why\r\n"
      "100,0,invoke,write,k,1,n1,\n200,1,invoke,cas,\"k\",\"[1,2]\",n2,\n\n300,0,ok,write,k,1,n1,\n"
      "400,1,fail,cas,k,\"[1, 2]\",n2,\"it said \"\"no\"\", twice\"\n500,0,invoke,read,k,nil,n1,\n";
  CHECK(operations_of(read_text(json)) == expected);
  CHECK(operations_of(read_text(edn)) == expected);
  CHECK(operations_of(read_text(csv)) == expected);
}

TEST_CASE("readers: Porcupine's logs have no times, so their events are numbered", "[unit][checker]") {
  const auto etcd = read_text(
      "INFO  jepsen.core - Everything looks good!\n"
      "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 1\t:invoke\t:cas\t[3 1]\n"
      "INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n"
      "INFO  jepsen.util - 0\t:ok\t:read\t4\nINFO  jepsen.util - 1\t:info\t:cas\t:timed-out\n");
  CHECK(operations_of(etcd) == Lines{"0 read nil -> 4 ok 0..2", R"(1 cas [3 1] -> "timed-out" info 1..)"});
  REQUIRE(etcd);
  CHECK_FALSE(etcd->history.timed);
  CHECK(etcd->notes == Lines{"1 lines of the log are no events and were skipped"});
  CHECK(etcd->history.nemesis.size() == 1);
  CHECK(fail_meaning(etcd->format) == FailMeans::mismatch);

  const auto key_value = read_text(
      "{:process 6, :type :invoke, :f :append, :key \"0\", :value \"x 6 0 y\"}\n"
      "{:process 6, :type :ok, :f :append, :key \"0\", :value \"x 6 0 y\"}\n"
      "{:process 6, :type :invoke, :f :get, :key \"0\", :value nil}\n");
  CHECK(operations_of(key_value) ==
        Lines{R"(6 append "0": "x 6 0 y" -> "x 6 0 y" ok 0..1)", R"(6 read "0": nil -> nil info 2..)"});
}

TEST_CASE("readers: texts with sessions give transactions that no time orders", "[unit][checker]") {
  const Lines expected{R"(s0 txn [["w" 1 2] ["w" 3 4]] -> [["w" 1 2] ["w" 3 4]] ok 0..0)",
                       R"(s1 txn [["r" 1 nil]] -> [["r" 1 nil]] ok 0..0)",
                       R"(s1 txn [["r" 1 nil] ["r" 5 nil]] -> [["r" 1 2] ["r" 5 0]] ok 0..0)",
                       R"(s2 txn [["w" 5 0]] -> [["w" 5 0]] ok 0..0)"};
  const auto awdit = read_text("w 1 2\nw 3 4\n=====\nr 1 0\n-----\nr 1 2\nr 5 0\n====\nw 5 0\n");
  CHECK(operations_of(awdit) == expected);
  REQUIRE(awdit);
  CHECK_FALSE(awdit->history.timed);
  // Lines of sessions and transactions may take turns.
  CHECK(operations_of(read_text("w(1,2,7,0)\nr(1,0,9,1)\nw(3,4,7,0)\nr(1,2,9,2)\nr(5,0,9,2)\nw(5,0,4,5)\n")) ==
        expected);
}

TEST_CASE("readers: EDN's forms become values", "[unit][checker]") {
  const auto value = [](std::string_view form) {
    const std::string event = "{:process 0 :type :invoke :f :write :value " + std::string(form) + "}";
    const auto reading = read_text(event);
    return reading ? reading->history.describe(reading->history.operations[0].argument) : reading.error().message;
  };
  CHECK(value("nil") == "nil");
  CHECK(value("[:a sym \"t\" \\x \\newline \\u00e9 true]") == "[\"a\" \"sym\" \"t\" \"x\" \"\n\" \"é\" true]");
  CHECK(value("(1 -2 +3 4N 5.50M 1/3 1e9 ##Inf)") == "[1 -2 3 4 5.50 1/3 1e9 Inf]");
  CHECK(value("123456789012345678901234567890") == "123456789012345678901234567890");
  CHECK(value("#{3 1}") == "[3 1]");
  CHECK(value("{:from 3, :to #inst \"2020\"}") == R"({"from" 3, "to" "2020"})");
  CHECK(value("^{:line 3} [1 #_ 2 3 ; four\n 5]") == "[1 3 5]");
  CHECK(value("[1 2}") == "h:1:48: a ] is missing");
  CHECK(value("{1 2 3}") == "h:1:50: a map ends after a key");
  CHECK(value("12x") == "h:1:44: a number that cannot be understood");
  CHECK(value("\"\\q\"") == "h:1:47: an unknown escape");
}

TEST_CASE("readers: JSON's escapes and numbers become what they mean", "[unit][checker]") {
  const auto value = [](std::string_view json) {
    const auto reading = read_text(R"({"process":0,"type":"invoke","f":"write","value":)" + std::string(json) + "}");
    return reading ? reading->history.describe(reading->history.operations[0].argument) : reading.error().message;
  };
  CHECK(value(R"("a\n\"\\\/\u0041\u00e9\ud83d\ude00")") == "\"a\n\"\\/Aé😀\"");
  CHECK(value("[0,-1,1.50,2e3,9223372036854775807,9223372036854775808]") ==
        "[0 -1 1.50 2e3 9223372036854775807 9223372036854775808]");
  CHECK(value(R"({"a":{"b":[]}, "c":[true,false,null]})") == R"({"a" {"b" []}, "c" [true false nil]})");
  CHECK(value(R"("\ud83d")") == "h:1:57: half of a surrogate pair");
  CHECK(value("[1,]") == "h:1:53: a value is missing");
  CHECK(value("01") == "h:1:52: a number begins with 0");
  CHECK(value("1.") == "h:1:52: a number ends after its point");
  CHECK(value("nul") == "h:1:50: a value is missing");
  CHECK(value(std::string(70, '[')) == "h:1:114: lists and maps are nested too deep");
}

TEST_CASE("readers: the format is found by the content", "[unit][checker]") {
  CHECK(recognize("\n {\"time\":1}") == Format::json_lines);
  CHECK(recognize("{ :type :ok}") == Format::edn);
  CHECK(recognize("[[{:type :ok}]]") == Format::edn);
  CHECK(recognize("INFO  jepsen.util - 0") == Format::etcd_log);
  CHECK(recognize("f,process,type,value\n") == Format::csv);
  CHECK(recognize("r 1 2\n") == Format::session_text);
  CHECK(recognize("w(1,2,3,4)\n") == Format::plume_text);
  CHECK(recognize("\n") == Format::json_lines);
  CHECK(recognize("hello\nworld").error().message == "no history begins with \"hello\"; name its format with --format");
  CHECK(recognize("[{\"a\":1}]").error().message == "a JSON array; write one event a line (jq -c '.[]')");
  CHECK(recognize("\xFD"
                  "7zXZ\x00")
            .error()
            .message.find("xz -dc") != std::string::npos);
  for (const FormatName& format : formats()) CHECK(find_format(format.name) == format.format);
  CHECK(find_format("ednn").error().message == "there is no format \"ednn\"; did you mean \"edn\"?");
}
