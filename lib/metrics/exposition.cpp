#include "lib/metrics/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace fracas::metrics {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct Exposition::Families {
  std::vector<MetricFamily> all;

  MetricFamily& family(std::string_view name, std::string_view help, MetricType type) {
    if (!all.empty() && all.back().name == name) return all.back();
    MetricFamily made;
    made.name = name;
    made.help = help;
    made.type = type;
    all.push_back(std::move(made));
    return all.back();
  }

  ClientMetric& add(MetricFamily& family, Labels labels) const {
    ClientMetric metric;
    for (auto& [name, value] : labels) metric.label.push_back({std::move(name), std::move(value)});
    family.metric.push_back(std::move(metric));
    return family.metric.back();
  }
};

Exposition::Exposition() : families_(std::make_unique<Families>()) {}
Exposition::Exposition(Exposition&&) noexcept = default;
Exposition::~Exposition() = default;

void Exposition::counter(std::string_view name, std::string_view help, double value, Labels labels) {
  families_->add(families_->family(name, help, MetricType::Counter), std::move(labels)).counter.value = value;
}

void Exposition::gauge(std::string_view name, std::string_view help, double value, Labels labels) {
  families_->add(families_->family(name, help, MetricType::Gauge), std::move(labels)).gauge.value = value;
}

void Exposition::empty_counter(std::string_view name, std::string_view help) {
  families_->family(name, help, MetricType::Counter);
}

void Exposition::process() {
  std::ifstream statm("/proc/self/statm");
  double whole = 0, resident = 0;
  statm >> whole >> resident;
  gauge("process_resident_memory_bytes", "Resident memory of this process.",
        resident * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  counter("process_cpu_seconds_total", "Processor time of this process.",
          seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

std::string Exposition::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families_->all);
  return out.str();
}

}  // namespace fracas::metrics
