#include "targets/quorum/core/replica.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fracas::quorum {

Replica::Replica(Options options, Recovered recovered)
    : options_(std::move(options)),
      ring_(options_.members, options_.virtual_nodes),
      // A stream of its own for each life, or members restarted together would choose alike.
      random_(options_.seed, fmt::format("quorum/{}/{}", options_.self, recovered.life)),
      detector_(options_.members.size(), options_.gossip.count(), options_.phi_max),
      life_(recovered.life + 1),
      cells_(std::move(recovered.cells)),
      hints_(std::move(recovered.hints)),
      beats_(options_.members.size()) {
  for (const auto& [key, cell] : cells_) {
    count_in_trees(key, cell, true);
    if (const auto* held = std::get_if<Register>(&cell)) clock_.observe(held->stamp);
  }
  // Late answers to an earlier life must not be taken for this one's: nothing leaves before the life is on the disk.
  next_operation_ = next_handing_ = life_ << 32U;
  persist(LifeRecord{life_});
  outbox_.barrier();
  if (options_.hinted_handoff && !options_.bugs.volatile_hints) hold_for_homes();
}

Output Replica::step(const Time& now, const Input& input) {
  if (now_.wall_ns == 0) detector_.begin(now.monotonic_ns);
  now_ = now;
  std::visit([this](const auto& one) { handle(one); }, input);
  Output output;
  for (bool again = true; again;) {
    Output part = outbox_.take();
    again = false;
    output.sequence = part.sequence;
    std::ranges::move(part.persist, std::back_inserter(output.persist));
    for (Effect& effect : part.effects) {
      auto* send = std::get_if<Send>(&effect);
      if (send == nullptr || send->to != options_.self) {
        output.effects.push_back(std::move(effect));
        continue;
      }
      // A member is a target of its own requests like any other, only nearer.
      again = true;
      std::visit([this](const auto& message) { handle_message(options_.self, message); }, send->message);
    }
  }
  return output;
}

void Replica::handle(const Tick&) {
  close_late();
  if (due(gossip_at_ns_, options_.gossip)) gossip();
  if (due(handoff_at_ns_, std::chrono::milliseconds(100))) hand_over();
  if (options_.anti_entropy.count() > 0 && due(compare_at_ns_, options_.anti_entropy)) compare_with_somebody();
  if (due(purge_at_ns_, std::chrono::seconds(1))) forget_expired();
  rewrite_if_due();
}

void Replica::handle(const Received& received) {
  if (received.from >= options_.members.size()) return;
  std::visit([&](const auto& message) { handle_message(received.from, message); }, received.message);
}

ReplicaStatus Replica::status() const {
  ReplicaStatus status{life_, cells_.size(), hints_.size(), {}};
  for (Member member = 0; member < options_.members.size(); ++member) status.alive.push_back(alive(member));
  return status;
}

}  // namespace fracas::quorum
