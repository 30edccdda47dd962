#include "targets/raft/shell/server.h"

#include <utility>

#include "lib/base/log.h"
#include "targets/raft/shell/append_batch.h"

namespace fracas::raft {
namespace {

std::string_view name_of(Role role) {
  switch (role) {
    case Role::follower:
      return "follower";
    case Role::pre_candidate:
      return "pre-candidate";
    case Role::candidate:
      return "candidate";
    case Role::leader:
      return "leader";
  }
  return "";
}

std::vector<NodeId> node_ids(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

std::vector<std::string> names_of(const std::vector<NodeId>& nodes) {
  std::vector<std::string> names;
  for (const NodeId& node : nodes) names.push_back(node.value());
  return names;
}

}  // namespace

Server::Server(Wal wal, Raft raft, EventFile events, node::ServerLoop loop, ReadMode reads)
    : wal_(std::move(wal)), raft_(std::move(raft)), events_(std::move(events)), loop_(std::move(loop)), reads_(reads) {}

Result<std::unique_ptr<Server>> Server::open(ServerOptions options) {
  auto opened = Wal::open(options.data, options.fsync, !options.raft.bugs.checksum_ignored);
  if (!opened) return failure(std::move(opened).error());
  auto raft = Raft::make(options.raft, std::move(opened->recovered));
  if (!raft) return failure(std::move(raft).error());
  auto events = EventFile::open(options.events, options.raft.self.value());
  if (!events) return failure(std::move(events).error());
  node::ServerLoopOptions loop_options{
      .self = options.raft.self.value(), .listen = options.listen, .peers = {}, .resolver = options.resolver};
  for (auto& [peer, address] : options.peers) loop_options.peers.emplace(peer.value(), std::move(address));
  auto loop = node::ServerLoop::open(std::move(loop_options));
  if (!loop) return failure(std::move(loop).error());
  return std::unique_ptr<Server>(
      new Server(std::move(opened->wal), std::move(*raft), std::move(*events), std::move(*loop), options.raft.reads));
}

bool Server::receive(const std::string& peer, std::string_view payload) {
  auto decoded = decode_payload(payload);
  auto message = decoded ? as_message(std::move(*decoded)) : std::nullopt;
  if (!message) return false;
  step(Received{NodeId(peer), std::move(*message)});
  return true;
}

bool Server::ask(std::uint64_t connection, std::string_view payload) {
  auto decoded = decode_payload(payload);
  auto* request = decoded ? std::get_if<ClientRequest>(&*decoded) : nullptr;
  if (request == nullptr) return false;
  if (std::holds_alternative<StatusRequest>(request->body)) {
    loop_.answer(connection, encode(Payload(ClientAnswer{request->id, status()})));
    return true;
  }
  // A lease that was good when this turn began may be over: the process may have been frozen since.
  if (reads_ == ReadMode::lease) step(Tick{node::monotonic_now()});
  const RequestId mine = ++next_request_;
  waiting_[mine] = {connection, request->id};
  if (auto* write = std::get_if<WriteRequest>(&request->body)) {
    step(Proposed{mine, std::move(write->command)});
  } else if (auto* read = std::get_if<ReadRequest>(&request->body)) {
    step(ReadRequested{mine, std::move(read->key)});
  } else if (auto* transfer = std::get_if<TransferRequest>(&request->body)) {
    step(TransferRequested{mine, NodeId(std::move(transfer->to))});
  } else {
    const auto& change = std::get<ChangeRequest>(request->body);
    step(ChangeRequested{mine, node_ids(change.voters), node_ids(change.learners)});
  }
  return true;
}

void Server::step(Input input) {
  Output output = raft_.step(std::move(input));
  for (Effect& effect : output.effects) perform(effect);
  for (Record& record : output.persist) records_.push_back(std::move(record));
  sequence_ = output.sequence;
}

// Only gathers: `publish` lets events out before messages and answers.
void Server::perform(Effect& effect) {
  if (const auto* event = std::get_if<Event>(&effect)) {
    if (event->type == Event::Type::role) log::info("{} in term {}", name_of(event->role), event->term.value());
    return events_.add(*event);
  }
  if (const auto* answer = std::get_if<Answer>(&effect)) return reply(*answer);
  auto& send = std::get<Send>(effect);
  auto* const append = std::get_if<AppendRequest>(&send.message);
  const auto unsent = unsent_.find(send.to);
  if (append != nullptr && unsent != unsent_.end() && add_to(unsent->second, *append)) return;
  if (unsent != unsent_.end()) {
    loop_.send(send.to.value(), encode(Message(std::move(unsent->second))));
    unsent_.erase(unsent);
  }
  if (append != nullptr)
    unsent_.emplace(std::move(send.to), std::move(*append));
  else
    loop_.send(send.to.value(), encode(send.message));
}

void Server::reply(const Answer& answer) {
  const auto found = waiting_.find(answer.request);
  if (found == waiting_.end()) return;
  const Waiting waiting = found->second;
  waiting_.erase(found);
  loop_.answer(waiting.connection, encode(Payload(ClientAnswer{waiting.id, answer.reply})));
}

fracas::Status Server::publish() {
  if (auto flushed = events_.flush(); !flushed) return flushed;
  for (auto& [peer, append] : std::exchange(unsent_, {})) loop_.send(peer.value(), encode(Message(std::move(append))));
  loop_.flush();
  return {};
}

fracas::Status Server::settle() {
  if (auto published = publish(); !published) return published;
  while (!records_.empty()) {
    if (auto written = wal_.write(records_); !written) return written;
    records_.clear();
    step(Persisted{sequence_});
    if (auto published = publish(); !published) return published;
  }
  return {};
}

NodeStatus Server::status() const {
  const MemberStatus now = raft_.status();
  return {.role = std::string(name_of(now.role)),
          .term = now.term.value(),
          .leader = now.leader.value(),
          .commit = now.commit,
          .applied = now.applied,
          .voters = names_of(now.members.voters),
          .outgoing = names_of(now.members.outgoing),
          .learners = names_of(now.members.learners)};
}

}  // namespace fracas::raft
