#include "controller/sim/sim_fault.h"
#include "lib/base/ensure.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

Duration offset_of(const std::string& text) {
  const auto offset = parse_offset(text);
  ensure(offset.has_value(), "the reader checked the offsets");
  return *offset;
}

// Sets the host's clocks wrong.
class WrongClock final : public SimFault {
 public:
  WrongClock(const SimVictim& victim, model::Clocks clocks, const sim::HostClock::Error& error)
      : victim_(victim), clocks_(clocks), error_(error) {}

  void start() override {
    node::SimNode& node = victim_.node();
    if (!node.is_up()) return;
    matched();
    affected(victim_.world);
    error_.since = victim_.world.scheduler().now();
    set(error_);
  }
  void stop() override { set(std::nullopt); }

 private:
  void set(const std::optional<sim::HostClock::Error>& error) {
    if (clocks_ != model::CLOCKS_REALTIME) victim_.node().monotonic().set(error);
    if (clocks_ != model::CLOCKS_MONOTONIC) victim_.node().realtime().set(error);
  }

  SimVictim victim_;
  model::Clocks clocks_;
  sim::HostClock::Error error_;
};

}  // namespace

std::unique_ptr<SimFault> make_clock_fault(const SimVictim& victim) {
  const model::Injection& injection = victim.injection;
  sim::HostClock::Error error;
  switch (injection.kind_case()) {
    case model::Injection::kClockSkew:
      error.offset = offset_of(injection.clock_skew().offset());
      return std::make_unique<WrongClock>(victim, injection.clock_skew().clocks(), error);
    case model::Injection::kClockDrift:
      error.drift_ppm = injection.clock_drift().ppm();
      return std::make_unique<WrongClock>(victim, injection.clock_drift().clocks(), error);
    case model::Injection::kClockStrobe: {
      const model::ClockStrobe& fault = injection.clock_strobe();
      error.strobe = {.first = offset_of(fault.first()),
                      .second = offset_of(fault.second()),
                      .period = model::from_proto(fault.period())};
      return std::make_unique<WrongClock>(victim, model::CLOCKS_REALTIME, error);
    }
    default:
      return nullptr;
  }
}

}  // namespace fracas::controller
