#include "controller/target/etcd_target.h"

#include <map>
#include <optional>
#include <utility>

#include "controller/target/bound_clients.h"
#include "controller/target/etcd_calls.h"
#include "controller/target/etcd_node.h"
#include "controller/target/http_client.h"
#include "controller/target/nodes.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

using model::EventType;

constexpr Duration kStartMax = std::chrono::seconds(30);
constexpr Duration kAskTimeout = std::chrono::milliseconds(150);
constexpr int kAppendTries = 5;

struct CallOptions {
  Shape shape = Shape::single;
  bool serializable = false;
};

class EtcdConnection final : public NodeConnection {
 public:
  EtcdConnection(std::string base, CallOptions options) : http_(std::move(base)), options_(options) {}

  Attempt attempt(const Call& call, Duration timeout) override {
    const auto request = etcd::request_of(call, options_.shape, options_.serializable);
    if (!request) return append(call, os::boot_now_ns() + timeout.count());
    std::string body;
    if (auto missed = ask(*request, timeout, body)) return *std::move(missed);
    return {.answer = etcd::answer_of(call, options_.shape, body)};
  }

 private:
  // The reply to what was asked; or what became of the call, if there is none.
  std::optional<Attempt> ask(const etcd::Request& request, Duration timeout, std::string& body) {
    auto reply = http_.request(request.path, request.body, timeout);
    Attempt missed;
    if (!reply) {
      missed.answer = {.type = reply.error().sent ? EventType::info : EventType::fail,
                       .value = {},
                       .node = {},
                       .error = std::move(reply.error().error)};
    } else if (reply->status == 200) {
      body = std::move(reply->body);
      return std::nullopt;
    } else {
      missed.answer = {.type = etcd::is_definite(reply->status, reply->body) ? EventType::fail : EventType::info,
                       .value = {},
                       .node = {},
                       .error = etcd::error_text(reply->body)};
    }
    missed.ask_another = missed.answer.type == EventType::fail;
    return missed;
  }

  // Reads the list and writes it back longer, if nobody wrote it meanwhile; otherwise again.
  Attempt append(const Call& call, std::int64_t deadline_ns) {
    const Attempt nothing_done{
        .answer = {.type = EventType::fail, .value = {}, .node = {}, .error = "others kept writing"}};
    for (int tries = 0; tries < kAppendTries; ++tries) {
      std::string body;
      Duration left(deadline_ns - os::boot_now_ns());
      if (left <= Duration::zero()) break;
      if (auto missed = ask(etcd::list_read(call.key), left, body)) {
        missed->answer.type = EventType::fail;  // it only looked
        missed->ask_another = true;
        return *std::move(missed);
      }
      auto list = etcd::list_of(body);
      if (!list) break;
      list->list.push_back(std::get<std::int64_t>(call.value));
      left = Duration(deadline_ns - os::boot_now_ns());
      if (left <= Duration::zero()) break;
      if (auto missed = ask(etcd::list_write(call.key, *list), left, body)) return *std::move(missed);
      if (etcd::succeeded(body)) return {.answer = {.type = EventType::ok}};
    }
    return nothing_done;
  }

  HttpClient http_;
  CallOptions options_;
};

class EtcdTarget final : public Target {
 public:
  EtcdTarget(const World& world, CallOptions options) : world_(world), options_(options) {}

  // Every node is asked whether it leads; a leader that was cut off still says so, until it notices.
  std::string ask_leader() const override { return majority_of(opinions(world_)); }

  ClientFactory client_factory(Duration attempt_timeout) const override {
    return bound_clients(world_, attempt_timeout, [this](const Host& host) -> std::unique_ptr<NodeConnection> {
      return std::make_unique<EtcdConnection>(etcd_url(host), options_);
    });
  }

  // By node: the host that it takes for the leader; empty where it does not answer, or knows none.
  static std::map<std::string, std::string> opinions(const World& world) {
    const auto answers = ask_nodes<etcd::Leadership>(world, [](const Host& host) {
      auto reply = HttpClient(etcd_url(host)).request("/v3/maintenance/status", "{}", kAskTimeout);
      return reply && reply->status == 200 ? etcd::leadership_of(reply->body) : etcd::Leadership();
    });
    std::map<std::string, std::string> hosts, found;
    for (const auto& [host, answer] : answers)
      if (!answer.member.empty()) hosts[answer.member] = host;
    for (const auto& [host, answer] : answers)
      found[host] = hosts.count(answer.leader) == 1 ? hosts[answer.leader] : std::string();
    return found;
  }

 private:
  const World& world_;
  CallOptions options_;
};

std::optional<NotReady> missing_in(const World& world) {
  for (const auto& [host, leader] : EtcdTarget::opinions(world))
    if (leader.empty()) return NotReady{.host = host, .why = "it does not answer, or knows no leader"};
  return std::nullopt;
}

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const model::EtcdTarget& options = start.experiment.target().etcd();
  const std::vector<Host> nodes = nodes_of(start.world);
  const auto member = [&](const Host& host) {
    return EtcdNodeOptions{.data = host.data / "etcd",
                           .heartbeat = model::from_proto(options.heartbeat()),
                           .election_timeout = model::from_proto(options.election_timeout())};
  };
  const auto started = on_nodes(start.world, [&](const Host& host) {
    return start.world.start_node(host, etcd_argv(host, nodes, member(host)));
  });
  if (!started) return failure(started.error());
  const auto ready = wait_until_ready(start, kStartMax, [&] { return missing_in(start.world); });
  if (!ready) return failure(ready.error());
  return std::make_unique<EtcdTarget>(
      start.world, CallOptions{.shape = shape_of(start.experiment.workload()), .serializable = options.serializable()});
}

Status installed() {
  return need_programs({{"/usr/bin/etcd", "etcd-server"}});
}

}  // namespace

const TargetKind kEtcdTarget{.name = "etcd",
                             .workloads = {"register", "cas-register", "append", "set"},
                             .installed = installed,
                             .start = start_and_wait};

}  // namespace fracas::controller
