#include "targets/raft/sim/raft_process.h"

#include <utility>

#include "targets/raft/shell/event_record.h"
#include "targets/raft/shell/wal_format.h"

namespace fracas::raft {
namespace {

constexpr std::size_t kHeadBytes = 110;  // of a segment with a small message: Ethernet, IP, TCP and the frame

struct BytesOf {
  std::size_t operator()(const AppendRequest& request) const {
    std::size_t bytes = kHeadBytes;
    for (const Entry& entry : request.entries) bytes += entry.payload.size() + 24;
    return bytes;
  }
  std::size_t operator()(const SnapshotRequest& request) const { return kHeadBytes + request.snapshot.state.size(); }
  template <typename Other>
  std::size_t operator()(const Other&) const {
    return kHeadBytes;
  }
};

}  // namespace

node::SimProgram RaftProcess::program(Options options) {
  return {.empty_file = wal_header(),
          .start = [options = std::move(options)](node::SimNode& node, const std::string& file,
                                                  std::uint64_t life) -> Result<node::SimProgram::Started> {
            auto contents = parse_wal(file, !options.bugs.checksum_ignored);
            if (!contents) return failure(std::move(contents).error());
            Options own = options;
            own.seed += life << 32U;  // each life draws its own election timeouts
            auto raft = Raft::make(std::move(own), std::move(contents->recovered));
            if (!raft) return failure(std::move(raft).error());
            return node::SimProgram::Started{std::make_unique<RaftProcess>(node, std::move(*raft), options.reads),
                                             contents->good_bytes};
          }};
}

void RaftProcess::write(Command command, Answered answered) {
  const RequestId request = ++next_request_;
  waiting_[request] = std::move(answered);
  step(Proposed{request, std::move(command)});
}

void RaftProcess::read(std::string key, Answered answered) {
  const RequestId request = ++next_request_;
  waiting_[request] = std::move(answered);
  if (reads_ == ReadMode::lease) tick();
  step(ReadRequested{request, std::move(key)});
}

void RaftProcess::transfer(NodeId to, Answered answered) {
  const RequestId request = ++next_request_;
  waiting_[request] = std::move(answered);
  step(TransferRequested{request, std::move(to)});
}

void RaftProcess::change(std::vector<NodeId> voters, std::vector<NodeId> learners, Answered answered) {
  const RequestId request = ++next_request_;
  waiting_[request] = std::move(answered);
  step(ChangeRequested{request, std::move(voters), std::move(learners)});
}

void RaftProcess::perform_all(Output output) {
  for (Effect& effect : output.effects) perform(effect);
  if (!output.persist.empty()) write_records(output.persist, output.sequence);
}

void RaftProcess::perform(Effect& effect) {
  if (const auto* event = std::get_if<Event>(&effect)) {
    node_.record(event_record(*event, node_.name(), node_.boot_ns()));
  } else if (auto* send = std::get_if<Send>(&effect)) {
    // On the heap: the closure is moved from queue to queue, the message is not.
    const std::size_t bytes = std::visit(BytesOf{}, send->message);
    node_.send(
        send->to.value(), bytes,
        [&from = node_.name(), held = std::make_unique<Message>(std::move(send->message))](node::SimProcess& receiver) {
          static_cast<RaftProcess&>(receiver).step(Received{NodeId(from), std::move(*held)});
        });
  } else {
    auto& answer = std::get<Answer>(effect);
    const auto waiting = waiting_.find(answer.request);
    if (waiting == waiting_.end()) return;
    Answered answered = std::move(waiting->second);
    waiting_.erase(waiting);
    answered(std::move(answer.reply));
  }
}

void RaftProcess::write_records(const std::vector<Record>& records, std::uint64_t sequence) {
  std::vector<node::SimWrite> writes;
  for (const Record& record : records) {
    const bool replaces = std::holds_alternative<Compaction>(record);
    writes.push_back({replaces ? wal_header() + wal_bytes(record) : wal_bytes(record), replaces});
  }
  node_.write(std::move(writes), sequence);
}

}  // namespace fracas::raft
