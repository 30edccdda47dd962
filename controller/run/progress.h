#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "controller/run/injector.h"
#include "controller/workload/recorder.h"
#include "lib/model/effect.h"

namespace fracas::controller {

// What a person sees while a run goes on: on a terminal one line that is drawn again four times a second, elsewhere a
// line at each change and every five seconds. Everything goes to stderr; results have stdout to themselves. Thread:
// any.
class Progress {
 public:
  enum class Style { live, lines, quiet };

  // live on a terminal, lines elsewhere.
  static Style fitting_style();

  explicit Progress(Style style);
  ~Progress();

  // A line of its own: "building the lab", "n1 leads in term 2".
  void note(const std::string& line);
  // A new phase, which lasts until then (CLOCK_BOOTTIME).
  void phase(const std::string& name, std::int64_t end_ns);
  void fault(const model::FaultWindow& window, FaultMoment moment);
  // From now on the line shows the history's counts and who leads. All must stay valid until unwatch().
  // `verdict`: what the history shows so far; may be empty.
  void watch(const Recorder& recorder, std::function<std::string()> leader, std::function<std::string()> verdict);
  void unwatch();

 private:
  void redraw_until_stopped(const std::stop_token& stopping);
  std::string line_locked(const HistoryCounts& now, double seconds);
  void print_locked(const std::string& line);

  const Style style_;
  std::mutex mutex_;
  std::string phase_;
  std::int64_t phase_end_ns_ = 0;
  std::map<std::string, std::string> active_;  // fault id -> description
  const Recorder* recorder_ = nullptr;
  std::function<std::string()> leader_;
  std::function<std::string()> verdict_;
  HistoryCounts last_;
  bool line_is_open_ = false;
  std::jthread redraw_;
};

}  // namespace fracas::controller
