#include "controller/serve/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <ctime>
#include <map>
#include <sstream>

#include "controller/store/database.h"
#include "controller/store/freeze.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,  0.5,    1,     2.5,  5,     10};

MetricFamily family(const char* name, const char* help, MetricType type) {
  MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = type;
  return made;
}

void add(MetricFamily& to, Labels labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (to.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  to.metric.push_back(std::move(metric));
}

void single(std::vector<MetricFamily>& all, const char* name, const char* help, double value) {
  all.push_back(family(name, help, MetricType::Gauge));
  add(all.back(), {}, value);
}

// Runs and operations of all time, from the store and from what goes on.
Status add_totals(Database& database, const std::vector<LiveRun>& live, std::vector<MetricFamily>& all) {
  const auto rows = database.query(
      "SELECT world, verdict, COUNT(*), SUM(ok), SUM(fail), SUM(info) FROM runs WHERE state = 'done' GROUP BY world,"
      " verdict");
  if (!rows) return failure(rows.error());
  MetricFamily runs = family("fracas_runs_total", "Runs that are done.", MetricType::Counter);
  double ok = 0, fail = 0, info = 0;
  for (const Row& row : *rows) {
    add(runs, {{"verdict", row.text(1)}, {"world", row.text(0)}}, row.real(2));
    ok += row.real(3);
    fail += row.real(4);
    info += row.real(5);
  }
  for (const LiveRun& run : live) {
    ok += static_cast<double>(run.tally.ok());
    fail += static_cast<double>(run.tally.fail());
    info += static_cast<double>(run.tally.info());
  }
  all.push_back(std::move(runs));
  all.push_back(family("fracas_operations_total", "Operations of clients, of all runs.", MetricType::Counter));
  add(all.back(), {{"outcome", "ok"}}, ok);
  add(all.back(), {{"outcome", "fail"}}, fail);
  add(all.back(), {{"outcome", "info"}}, info);
  return {};
}

void add_now(const std::vector<LiveRun>& live, std::vector<MetricFamily>& all) {
  std::map<std::string, double> states{{"waiting", 0}, {"running", 0}, {"stopping", 0}};
  double faults = 0;
  for (const LiveRun& run : live) {
    states[std::string(name(run.run.state))] += 1;
    faults += static_cast<double>(run.tally.faults_acting());
  }
  all.push_back(family("fracas_runs", "Runs that are not done.", MetricType::Gauge));
  for (const auto& [state, runs] : states) add(all.back(), {{"state", state}}, runs);
  single(all, "fracas_faults_active", "Faults that act now.", faults);
}

// Of /proc/self, under the names that every Prometheus client uses.
void add_process(std::vector<MetricFamily>& all) {
  const auto stat = os::read_file("/proc/self/statm");
  std::istringstream pages(stat ? *stat : "");
  double whole = 0, resident = 0;
  pages >> whole >> resident;
  single(all, "process_resident_memory_bytes", "Resident memory of the controller.",
         resident * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  all.push_back(family("process_cpu_seconds_total", "Processor time of the controller.", MetricType::Counter));
  add(all.back(), {}, static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
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

Result<std::string> Metrics::text() const {
  std::vector<MetricFamily> all = requests_->registry.Collect();
  const std::vector<LiveRun> live = runs_.all_live();
  if (auto added = add_totals(database_, live, all); !added) return failure(std::move(added).error());
  add_now(live, all);
  const auto freeze = read_freeze(database_);
  if (!freeze) return failure(freeze.error());
  single(all, "fracas_frozen", "1 while starts are frozen.", freeze->frozen ? 1 : 0);
  single(all, "fracas_event_streams", "Clients that follow events of runs.", streams_());
  all.push_back(family("fracas_build_info", "1, with the version of the controller.", MetricType::Gauge));
  add(all.back(), {{"version", FRACAS_VERSION}}, 1);
  add_process(all);
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, all);
  return out.str();
}

Handlers metrics_handlers(const Metrics& metrics) {
  return {{"Metrics", [&metrics](const Request&) -> Response {
             auto text = metrics.text();
             if (!text) return refusal(text.error());
             return {.media = "text/plain; version=0.0.4; charset=utf-8", .body = std::move(*text)};
           }}};
}

}  // namespace fracas::controller
