#include "agent/faults/guarded_effect.h"

#include <atomic>
#include <string>
#include <utility>

#include "lib/base/log.h"

namespace fracas::agent {
namespace {

class GuardedEffect final : public Effect {
 public:
  GuardedEffect(std::unique_ptr<KeptEffect> effect, NetSlot& net, std::string id)
      : effect_(std::move(effect)), net_(net), id_(std::move(id)) {}
  ~GuardedEffect() override { static_cast<void>(revert()); }

  Status hand_over() { return net_.keep(id_, effect_->keep_alive_fds()); }
  std::string mechanism() const override { return effect_->mechanism(); }
  Status arm(const Window& window) override { return effect_->arm(window); }
  void renew(std::int64_t lease_end_ns) override { effect_->renew(lease_end_ns); }
  model::EffectCounters counters() const override { return effect_->counters(); }

  Status revert() override {
    if (std::exchange(reverted_, true)) return {};
    // The kernel ends it even if the guardian does not answer.
    if (auto dropped = net_.keep(id_, {}); !dropped) log::warning("{}: {}", id_, dropped.error().message);
    return effect_->revert();
  }

 private:
  std::unique_ptr<KeptEffect> effect_;
  NetSlot& net_;
  const std::string id_;
  bool reverted_ = false;
};

// Tells the faults of this agent apart.
std::string next_name(std::string_view kind) {
  static std::atomic<unsigned> made{0};
  return std::string(kind) + ' ' + std::to_string(++made);
}

}  // namespace

Result<std::unique_ptr<Effect>> guard_effect(std::unique_ptr<KeptEffect> effect, std::string_view kind, NetSlot& net) {
  auto guarded = std::make_unique<GuardedEffect>(std::move(effect), net, next_name(kind));
  if (auto handed = guarded->hand_over(); !handed) return failure(std::move(handed).error());
  return std::unique_ptr<Effect>(std::move(guarded));
}

}  // namespace fracas::agent
