#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "controller/serve/http.h"
#include "controller/serve/run_control.h"

namespace fracas::controller {

// What Prometheus is told at /metrics; every name is in docs/metrics.md. Requests are counted here as they are
// answered; all else is looked up when somebody asks, so that counts of runs outlive the controller. Thread: any.
class Metrics {
 public:
  // Both outlive this.
  Metrics(const RunControl& runs, Database& database);
  ~Metrics();

  // An endpoint (its rpc's name, or "none") answered with that status after so long.
  void answered(std::string_view endpoint, int status, double seconds);
  // Clients that follow events; asked when the metrics are.
  void count_streams(std::function<int()> streams);
  // Whether this controller leads; asked when the metrics are.
  void tell_leader(std::function<bool()> leads);

  // The text format, version 0.0.4. ERRORS: the store's.
  Result<std::string> text() const;

 private:
  struct Requests;
  const RunControl& runs_;
  Database& database_;
  std::unique_ptr<Requests> requests_;
  std::function<int()> streams_ = [] { return 0; };
  std::function<bool()> leads_ = [] { return true; };
};

// The endpoint /metrics. The metrics outlive the handler.
Handlers metrics_handlers(const Metrics& metrics);

}  // namespace fracas::controller
