#include "controller/run/live_check.h"

#include <fmt/format.h>

#include "checker/history/history_builder.h"
#include "controller/run/data_checks.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

constexpr std::size_t kFirstLook = 200;  // events

}  // namespace

std::unique_ptr<LiveCheck> LiveCheck::of(const model::Experiment& experiment) {
  for (const model::CheckSpec& check : experiment.check()) {
    if (!check.has_linearizable()) continue;
    auto live = std::make_unique<LiveCheck>();
    live->experiment_ = &experiment;
    live->spec_ = &check;
    live->check_at_ = kFirstLook;
    const std::string_view model = model_of(experiment.workload());
    if (model == "register" || model == "cas-register")
      live->stream_.emplace(checker::StreamOptions{.cas = model == "cas-register"});
    return live;
  }
  return nullptr;
}

void LiveCheck::follow_registers(std::span<const model::Event> events) {
  for (const model::Event& event : events) {
    if (!stream_->add(checker::stream_event(event, stream_->values()))) lost_ = true;
    if (lost_) return;
  }
  stream_->catch_up();
  if (stream_->violation()) sentence_ = stream_->violation()->summary;
}

void LiveCheck::check_again(std::span<const model::Event> events) {
  history_.insert(history_.end(), events.begin(), events.end());
  if (history_.size() < check_at_) return;
  check_at_ = history_.size() + history_.size() / 4;
  const auto so_far = checker::history_of(history_);
  lost_ = !so_far;
  if (!so_far) return;
  const auto result = check_data(*experiment_, *spec_, *so_far, {});
  lost_ = !result;
  if (result && result->verdict == checker::Verdict::violated) sentence_ = result->summary;
}

void LiveCheck::follow(std::span<const model::Event> events) {
  events_ += events.size();
  if (violated() || lost_) return;
  if (stream_) return follow_registers(events);
  check_again(events);
}

std::string LiveCheck::words() const {
  if (violated()) return "violated";
  if (lost_) return "cannot be followed";
  if (stream_ && stream_->keys_given_up() > 0) return fmt::format("{} keys undecided", stream_->keys_given_up());
  return "all fits";
}

}  // namespace fracas::controller
