#include "controller/serve/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <sstream>

#include "controller/store/database.h"
#include "controller/store/freeze.h"
#include "lib/metrics/exposition.h"

namespace fracas::controller {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,  0.5,    1,     2.5,  5,     10};
constexpr const char* kRunsHelp = "Runs that are done.";

// Runs and operations of all time, from the store and from what goes on.
Status add_totals(Database& database, const std::vector<LiveRun>& live, metrics::Exposition& to) {
  const auto rows = database.query(
      "SELECT world, verdict, COUNT(*), SUM(ok), SUM(fail), SUM(info) FROM runs WHERE state = 'done' GROUP BY world,"
      " verdict");
  if (!rows) return failure(rows.error());
  double ok = 0, fail = 0, info = 0;
  to.empty_counter("fracas_runs_total", kRunsHelp);
  for (const Row& row : *rows) {
    to.counter("fracas_runs_total", kRunsHelp, row.real(2), {{"verdict", row.text(1)}, {"world", row.text(0)}});
    ok += row.real(3);
    fail += row.real(4);
    info += row.real(5);
  }
  for (const LiveRun& run : live) {
    ok += static_cast<double>(run.tally.ok());
    fail += static_cast<double>(run.tally.fail());
    info += static_cast<double>(run.tally.info());
  }
  const char* help = "Operations of clients, of all runs.";
  to.counter("fracas_operations_total", help, ok, {{"outcome", "ok"}});
  to.counter("fracas_operations_total", help, fail, {{"outcome", "fail"}});
  to.counter("fracas_operations_total", help, info, {{"outcome", "info"}});
  return {};
}

void add_now(const std::vector<LiveRun>& live, metrics::Exposition& to) {
  std::map<std::string, double> states{{"waiting", 0}, {"running", 0}, {"stopping", 0}};
  double faults = 0;
  for (const LiveRun& run : live) {
    states[std::string(name(run.run.state))] += 1;
    faults += static_cast<double>(run.tally.faults_acting());
  }
  for (const auto& [state, runs] : states) to.gauge("fracas_runs", "Runs that are not done.", runs, {{"state", state}});
  to.gauge("fracas_faults_active", "Faults that act now.", faults);
}

}  // namespace

struct Metrics::Requests {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& answers = prometheus::BuildCounter()
                                                         .Name("fracas_http_requests_total")
                                                         .Help("Requests that were answered.")
                                                         .Register(registry);
  prometheus::Family<prometheus::Histogram>& times =
      prometheus::BuildHistogram()
          .Name("fracas_http_request_duration_seconds")
          .Help("Time until a request was answered; of streams, until they began.")
          .Register(registry);
};

Metrics::Metrics(const RunControl& runs, Database& database)
    : runs_(runs), database_(database), requests_(std::make_unique<Requests>()) {}

Metrics::~Metrics() = default;

void Metrics::answered(std::string_view endpoint, int status, double seconds) {
  const std::string name(endpoint);
  requests_->answers.Add({{"endpoint", name}, {"code", std::to_string(status)}}).Increment();
  requests_->times.Add({{"endpoint", name}}, kSeconds).Observe(seconds);
}

void Metrics::count_streams(std::function<int()> streams) {
  streams_ = std::move(streams);
}

void Metrics::tell_leader(std::function<bool()> leads) {
  leads_ = std::move(leads);
}

Result<std::string> Metrics::text() const {
  metrics::Exposition now;
  const std::vector<LiveRun> live = runs_.all_live();
  if (auto added = add_totals(database_, live, now); !added) return failure(std::move(added).error());
  add_now(live, now);
  const auto freeze = read_freeze(database_);
  if (!freeze) return failure(freeze.error());
  now.gauge("fracas_frozen", "1 while starts are frozen.", freeze->frozen ? 1 : 0);
  now.gauge("fracas_leader", "1 if this controller starts and stops runs, 0 if it follows one that does.",
            leads_() ? 1 : 0);
  now.gauge("fracas_event_streams", "Clients that follow events of runs.", streams_());
  now.gauge("fracas_build_info", "1, with the version of the controller.", 1, {{"version", FRACAS_VERSION}});
  now.process();
  std::ostringstream requests;
  prometheus::TextSerializer().Serialize(requests, requests_->registry.Collect());
  return requests.str() + now.text();
}

Handlers metrics_handlers(const Metrics& metrics) {
  return {{"Metrics", [&metrics](const Request&) -> Response {
             auto text = metrics.text();
             if (!text) return refusal(text.error());
             return {.media = metrics::kMediaType, .body = std::move(*text)};
           }}};
}

}  // namespace fracas::controller
