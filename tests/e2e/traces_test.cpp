// Runs as traces: what a collector of OpenTelemetry gets, and what the log says.
#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "tests/catch/catch.h"
#include "tests/e2e/controller.h"

namespace {

using namespace fracas::test;
using nlohmann::json;
namespace fs = std::filesystem;

// Takes OTLP/HTTP in JSON, as a collector does.
class Collector {
 public:
  Collector() {
    server_.Post("/v1/traces", [this](const httplib::Request& request, httplib::Response& to) {
      const std::scoped_lock lock(mutex_);
      const json body = json::parse(request.body, nullptr, false);
      const bool good = request.get_header_value("Content-Type") == "application/json" && body.is_object();
      if (good) requests_.push_back(body);
      to.status = good ? 200 : 400;
      to.set_content("{}", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    serving_ = std::jthread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
    ::setenv("OTEL_EXPORTER_OTLP_ENDPOINT", fmt::format("http://127.0.0.1:{}", port_).c_str(), 1);
  }
  ~Collector() {
    ::unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");
    server_.stop();
  }

  // All that came, after looking at what stands around them.
  std::vector<json> spans() {
    const std::scoped_lock lock(mutex_);
    std::vector<json> all;
    for (const json& request : requests_) {
      const json& resource = request.at("resourceSpans").at(0);
      CHECK(resource["resource"]["attributes"][0]["value"]["stringValue"] == "fracas");
      for (const json& span : resource.at("scopeSpans").at(0).at("spans")) all.push_back(span);
    }
    return all;
  }

 private:
  httplib::Server server_;
  std::mutex mutex_;
  std::vector<json> requests_;
  int port_ = 0;
  std::jthread serving_;
};

// An environment variable while this lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

std::string write_experiment(const Scratch& scratch, const std::string& world) {
  const fs::path file = scratch.path() / "short.toml";
  std::ofstream(file) << short_experiment(world);
  return file.string();
}

std::size_t count(const std::vector<json>& spans, const std::string& prefix) {
  return static_cast<std::size_t>(std::count_if(spans.begin(), spans.end(), [&](const json& span) {
    return span["name"].get<std::string>().starts_with(prefix);
  }));
}

std::uint64_t affected(const std::vector<json>& spans) {
  for (const json& span : spans)
    for (const json& attribute : span["attributes"])
      if (attribute["key"] == "fracas.affected") return std::stoull(attribute["value"]["intValue"].get<std::string>());
  return 0;
}

// Every line is an object that names the trace; how many there are.
std::size_t check_lines(const fs::path& log, const std::string& trace) {
  std::istringstream lines(content(log));
  std::size_t found = 0;
  for (std::string line; std::getline(lines, line); ++found) {
    INFO(log.string() << ": " << line);
    const json object = json::parse(line, nullptr, false);
    REQUIRE(object.is_object());
    CHECK(object["trace_id"] == trace);
    for (const char* member : {"time", "level", "program", "message"}) CHECK(object.contains(member));
  }
  return found;
}

}  // namespace

TEST_CASE("traces: a run in the lab is one trace, and every line of its programs' logs names it", "[e2e]") {
  const Scratch scratch;
  Collector collector;
  const Variable json_lines("FRACAS_LOG_FORMAT", "json"), level("FRACAS_LOG", "info");
  const fs::path out = scratch.path() / "run";
  const Ended ended = run(scratch, {"run", write_experiment(scratch, "lab"), "--out", out.string(), "--quiet"});
  INFO(ended.output);
  REQUIRE(ended.code == 0);
  const std::vector<json> spans = collector.spans();
  REQUIRE(spans.size() > 100);
  const json& root = spans[0];
  const std::string trace = root["traceId"];
  CHECK(trace.size() == 32);
  CHECK(root["name"] == "run short");
  CHECK_FALSE(root.contains("parentSpanId"));
  CHECK(ended.output.find("trace " + trace + " is at http://127.0.0.1:") != std::string::npos);
  CHECK(count(spans, "phase ") == 3);
  CHECK(count(spans, "fault net.partition") == 1);
  CHECK(affected(spans) > 0);
  CHECK(count(spans, "check linearizable") == 1);
  CHECK(count(spans, "read") > 20);
  for (const json& span : spans) {
    CHECK(span["traceId"] == trace);
    if (&span != &spans[0]) CHECK(span["parentSpanId"] == root["spanId"]);
    CHECK(std::stoull(span["startTimeUnixNano"].get<std::string>()) <=
          std::stoull(span["endTimeUnixNano"].get<std::string>()));
  }
  for (const char* node : {"n1", "n2", "n3"}) {
    CHECK(check_lines(out / "nodes" / node / "agent.log", trace) > 0);
    check_lines(out / "nodes" / node / "node.log", trace);
  }
}

TEST_CASE("traces: a run that a pipeline asks for is a child of the pipeline's span", "[e2e]") {
  const Scratch scratch;
  Collector collector;
  const Variable parent("TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const Ended ended = run(scratch, {"run", write_experiment(scratch, "sim"), "--repeat", "2", "--out",
                                    (scratch.path() / "run").string(), "--quiet"});
  INFO(ended.output);
  REQUIRE(ended.code == 0);
  const std::vector<json> spans = collector.spans();
  CHECK(count(spans, "run short") == 2);
  std::set<std::string> roots;
  for (const json& span : spans) {
    CHECK(span["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736");
    if (span["parentSpanId"] == "00f067aa0ba902b7") roots.insert(span["spanId"]);
  }
  CHECK(roots.size() == 2);
}

TEST_CASE("traces: every run of a gate and of a classification is one, and of a hunt the runs that show violations",
          "[e2e]") {
  const Scratch scratch;
  const Variable parent("TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const std::string out = (scratch.path() / "out").string();
  const auto spans_of = [&](const std::vector<std::string>& words, int code) {
    Collector collector;
    const Ended ended = run(scratch, words);
    INFO(ended.output);
    CHECK(ended.code == code);
    return collector.spans();
  };
  const auto gate =
      spans_of({"gate", write_experiment(scratch, "sim"), "--runs", "2", "--control", "1", "--out", out}, 0);
  CHECK(count(gate, "run short") == 3);
  CHECK(count(gate, "fault net.partition") == 2);
  const auto hunt = spans_of({"hunt", experiment("canary/stale-read"), "--violations", "2", "--out", out}, 0);
  CHECK(count(hunt, "run ") >= 2);  // threads that were at it may add one each
  CHECK(count(hunt, "fault ") >= 2);
  const auto classify = spans_of({"classify", "raft", "--world", "sim", "--runs", "1", "--out", out}, 0);
  CHECK(count(classify, "run ") >= 3);
  for (const auto& spans : {gate, hunt, classify})
    for (const json& span : spans) CHECK(span["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST_CASE("traces: a collector that is not there costs a warning, not the run", "[e2e]") {
  const Scratch scratch;
  const Variable nobody("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
  const Ended ended =
      run(scratch, {"run", write_experiment(scratch, "sim"), "--out", (scratch.path() / "run").string(), "--quiet"});
  CHECK(ended.code == 0);
  CHECK(ended.output.find("did not take the trace") != std::string::npos);
  CHECK(ended.output.find(" trace_id=") != std::string::npos);
}
