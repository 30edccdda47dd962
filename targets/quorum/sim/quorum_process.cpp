#include "targets/quorum/sim/quorum_process.h"

#include <algorithm>
#include <utility>

namespace fracas::quorum {
namespace {

constexpr std::size_t kHeadBytes = 110;  // of a segment with a small message: Ethernet, IP, TCP and the frame

std::size_t size_of(const std::vector<Entry>& entries) {
  std::size_t bytes = kHeadBytes;
  for (const auto& [key, cell] : entries) bytes += key.size() + 4 + quorum::size_of(cell);
  return bytes;
}

struct BytesOf {
  std::size_t operator()(const Store& store) const {
    return kHeadBytes + store.key.size() + quorum::size_of(store.cell);
  }
  std::size_t operator()(const Fetched& fetched) const {
    return kHeadBytes + (fetched.cell ? quorum::size_of(*fetched.cell) : 0);
  }
  std::size_t operator()(const Handoff& handoff) const { return size_of(handoff.entries); }
  std::size_t operator()(const Entries& entries) const { return size_of(entries.entries); }
  std::size_t operator()(const Digests& digests) const { return kHeadBytes + 10 * digests.ranges.size(); }
  std::size_t operator()(const Gossip& gossip) const { return kHeadBytes + 16 * gossip.beats.size(); }
  template <typename Other>
  std::size_t operator()(const Other&) const {
    return kHeadBytes;
  }
};

}  // namespace

node::SimProgram QuorumProcess::program(const Options& options) {
  return {.empty_file = journal_header(),
          .start = [options](node::SimNode& node, const std::string& file,
                             std::uint64_t) -> Result<node::SimProgram::Started> {
            auto contents = parse_journal(file);
            if (!contents) return failure(std::move(contents).error());
            return node::SimProgram::Started{
                std::make_unique<QuorumProcess>(node, options, std::move(contents->recovered)), contents->good_bytes};
          }};
}

void QuorumProcess::request(const Request& what, Answered answered) {
  const RequestId request = ++next_request_;
  waiting_[request] = std::move(answered);
  step(Requested{request, what});
}

void QuorumProcess::step(const Input& input) {
  const node::HostTime now = node_.time();
  Output output = replica_.step({now.monotonic.count(), now.realtime.count()}, input);
  for (Effect& effect : output.effects) perform(effect);
  if (output.persist.empty()) return;
  std::vector<node::SimWrite> writes;
  for (const Record& record : output.persist) {
    const bool replaces = std::holds_alternative<Rewrite>(record);
    writes.push_back({replaces ? journal_header() + journal_bytes(record) : journal_bytes(record), replaces});
  }
  node_.write(std::move(writes), output.sequence);
}

void QuorumProcess::perform(Effect& effect) {
  if (auto* send = std::get_if<Send>(&effect)) {
    const std::size_t bytes = std::visit(BytesOf{}, send->message);
    // On the heap: the closure is moved from queue to queue, the message is not.
    node_.send(
        members_[send->to], bytes,
        [self = self_, held = std::make_unique<const Message>(std::move(send->message))](node::SimProcess& receiver) {
          static_cast<QuorumProcess&>(receiver).step(Received{self, *held});
        });
    return;
  }
  auto& answer = std::get<Answer>(effect);
  const auto waiting = waiting_.find(answer.request);
  if (waiting == waiting_.end()) return;
  Answered answered = std::move(waiting->second);
  waiting_.erase(waiting);
  answered(std::move(answer.reply));
}

}  // namespace fracas::quorum
