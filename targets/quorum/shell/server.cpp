#include "targets/quorum/shell/server.h"

#include <algorithm>
#include <ctime>
#include <utility>

namespace fracas::quorum {
namespace {

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

Server::Server(Options options, Recovered recovered, node::LogFile journal, node::ServerLoop loop)
    : members_(options.members),
      replica_(std::move(options), std::move(recovered)),
      journal_(std::move(journal)),
      loop_(std::move(loop)) {}

Result<std::unique_ptr<Server>> Server::open(ServerOptions options) {
  auto opened = node::LogFile::open(options.data, options.fsync, journal_header());
  if (!opened) return failure(std::move(opened).error());
  auto contents = parse_journal(opened->contents);
  if (!contents) return failure(std::move(contents).error().context((options.data / "wal").string()));
  if (contents->good_bytes != opened->contents.size())
    if (auto cut = opened->file.truncate(contents->good_bytes); !cut) return failure(std::move(cut).error());
  auto loop = node::ServerLoop::open({.self = options.quorum.members[options.quorum.self],
                                      .listen = options.listen,
                                      .peers = std::move(options.peers),
                                      .resolver = {}});
  if (!loop) return failure(std::move(loop).error());
  return std::unique_ptr<Server>(
      new Server(std::move(options.quorum), std::move(contents->recovered), std::move(opened->file), std::move(*loop)));
}

bool Server::receive(const std::string& peer, std::string_view payload) {
  auto decoded = decode_payload(payload);
  auto message = decoded ? as_message(std::move(*decoded)) : std::nullopt;
  const auto member = std::ranges::find(members_, peer);
  if (!message || member == members_.end()) return false;
  step(Received{static_cast<Member>(member - members_.begin()), std::move(*message)});
  return true;
}

bool Server::ask(std::uint64_t connection, std::string_view payload) {
  auto decoded = decode_payload(payload);
  auto* request = decoded ? std::get_if<ClientRequest>(&*decoded) : nullptr;
  if (request == nullptr) return false;
  auto* what = std::get_if<Request>(&request->body);
  if (what == nullptr) {
    loop_.answer(connection, encode(Payload(ClientAnswer{request->id, status()})));
    return true;
  }
  const RequestId mine = ++next_request_;
  waiting_[mine] = {connection, request->id};
  step(Requested{mine, std::move(*what)});
  return true;
}

void Server::step(const Input& input) {
  Output output = replica_.step({read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_REALTIME)}, input);
  for (const Effect& effect : output.effects) perform(effect);
  std::ranges::move(output.persist, std::back_inserter(records_));
  sequence_ = output.sequence;
}

void Server::perform(const Effect& effect) {
  if (const auto* send = std::get_if<Send>(&effect)) return loop_.send(members_[send->to], encode(send->message));
  const auto& answer = std::get<Answer>(effect);
  const auto found = waiting_.find(answer.request);
  if (found == waiting_.end()) return;
  const Waiting waiting = found->second;
  waiting_.erase(found);
  loop_.answer(waiting.connection, encode(Payload(ClientAnswer{waiting.id, answer.reply})));
}

Status Server::write_records() {
  std::string bytes;
  for (const Record& record : records_) {
    if (!std::holds_alternative<Rewrite>(record)) {
      bytes += journal_bytes(record);
      continue;
    }
    // A rewrite holds everything that was written before it.
    bytes.clear();
    if (auto done = journal_.replace(journal_header() + journal_bytes(record)); !done) return done;
  }
  records_.clear();
  return bytes.empty() ? Status{} : journal_.append(bytes);
}

Status Server::settle() {
  loop_.flush();
  while (!records_.empty()) {
    if (auto written = write_records(); !written) return written;
    step(Persisted{sequence_});
    loop_.flush();
  }
  return {};
}

NodeStatus Server::status() const {
  const ReplicaStatus now = replica_.status();
  NodeStatus status{now.life, now.keys, now.hints, {}};
  for (std::size_t i = 0; i < members_.size(); ++i)
    if (now.alive[i]) status.alive.push_back(members_[i]);
  return status;
}

}  // namespace fracas::quorum
