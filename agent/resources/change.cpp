#include "agent/resources/change.h"

#include <utility>

#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

constexpr std::int64_t kExtendEveryNs = 50'000'000;

class HeldChange final : public TimedEffect {
 public:
  HeldChange(std::unique_ptr<Change> change, RecordSteps record)
      : change_(std::move(change)), record_(std::move(record)) {}
  ~HeldChange() override { static_cast<void>(revert()); }

  std::string mechanism() const override { return change_->mechanism(); }

  Status arm(const Window& window) override {
    if (steps_.empty()) next_ns_ = window.start_ns;
    return {};
  }

  void renew(std::int64_t /*lease_end_ns*/) override {}
  model::EffectCounters counters() const override { return steps_.empty() ? final_ : change_->counters(); }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_.reset();
    auto steps = change_->plan();
    if (!steps) return failure(std::move(steps).error());
    if (*steps != steps_)
      if (auto recorded = record_(*steps); !recorded) return recorded;
    steps_ = std::move(*steps);
    if (auto applied = change_->apply(); !applied) return applied;
    next_ns_ = os::boot_now_ns() + kExtendEveryNs;
    return {};
  }

  Status revert() override {
    next_ns_.reset();
    if (steps_.empty()) return {};
    const auto counted = change_->counters();
    if (auto undone = undo_steps(steps_); !undone) return undone;
    final_ = counted;
    steps_.clear();
    return {};
  }

 private:
  std::unique_ptr<Change> change_;
  RecordSteps record_;
  std::optional<std::int64_t> next_ns_;
  std::vector<UndoStep> steps_;  // empty: nothing is changed
  model::EffectCounters final_;
};

}  // namespace

std::unique_ptr<TimedEffect> make_held_change(std::unique_ptr<Change> change, RecordSteps record) {
  return std::make_unique<HeldChange>(std::move(change), std::move(record));
}

}  // namespace fracas::agent
