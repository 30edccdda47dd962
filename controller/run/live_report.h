#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "controller/run/live_events.h"
#include "controller/run/live_operations.h"
#include "controller/run/live_stream.h"
#include "controller/run/role_tail.h"
#include "controller/workload/recorder.h"

namespace fracas::controller {

// Tells of one run in the lab while it goes on. Thread: any. What is told before begin() has the time 0.
class LiveReport {
 public:
  explicit LiveReport(LiveStream& stream) : stream_(stream) {}

  // The warm-up began at that moment of CLOCK_BOOTTIME.
  void begin(const LiveBegin& begin, std::int64_t origin_ns);
  void phase(const std::string& name);
  void fault(const model::FaultWindow& window, FaultMoment moment);
  void note(const std::string& text);
  void verdict(const RunRecord& record);

  // Four times a second from now on: what clients did, and who became what. `leader` is asked where nodes write no
  // events of their own. All must stay valid until unwatch().
  void watch(const Recorder& recorder, const std::filesystem::path& directory, std::function<std::string()> leader);
  void unwatch();

 private:
  double now_ms() const;
  void look(const Recorder& recorder, RoleTail& roles, LiveOperations& operations);
  void tell_leader();

  LiveStream& stream_;
  std::atomic<std::int64_t> origin_ns_ = 0;  // 0: not begun
  std::function<std::string()> leader_;
  std::string leader_told_;
  bool nodes_tell_ = false;  // their roles, themselves
  std::jthread thread_;
};

// The same of a run whose record is complete: what a simulation shows, all at once.
void replay_live(const RunRecord& record, const LiveBegin& begin, LiveStream& stream);

}  // namespace fracas::controller
