#include "controller/world/agent_client.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <chrono>

#include "controller/world/agent_connection.h"
#include "controller/world/done.h"
#include "lib/model/agent.pb.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

using google::protobuf::util::TimeUtil;

constexpr Duration kDoctorWithin = std::chrono::minutes(1);

using Calls = model::Agent::Stub;

FaultCounters from_wire(const model::Counters& counters) {
  return {.id = counters.id(),
          .mechanism = counters.mechanism(),
          .counters = {.matched = counters.matched(),
                       .affected = counters.affected(),
                       .bytes = counters.bytes(),
                       .first_ns = counters.first_ns(),
                       .last_ns = counters.last_ns()},
          .processes = {counters.processes().begin(), counters.processes().end()}};
}

}  // namespace

AgentClient::AgentClient(AgentAddress address, const Credentials& credentials, Duration timeout, pki::PeerCheck* peers)
    : connection_(std::make_unique<AgentConnection>(std::move(address), credentials, peers)), timeout_(timeout) {}

AgentClient::AgentClient(AgentClient&&) noexcept = default;
AgentClient& AgentClient::operator=(AgentClient&&) noexcept = default;
AgentClient::~AgentClient() = default;

const std::string& AgentClient::name() const {
  return connection_->name();
}

Result<AgentHello> AgentClient::hello(int samples) {
  AgentHello best;
  for (int i = 0; i < samples; ++i) {
    const std::int64_t sent = os::boot_now_ns();
    auto reply = connection_->call("hello", &Calls::AsyncHello, model::HelloRequest(), timeout_);
    const std::int64_t received = os::boot_now_ns();
    if (!reply) return failure(std::move(reply).error());
    const std::int64_t uncertainty = (received - sent + 1) / 2;
    if (i > 0 && uncertainty >= best.clock_uncertainty_ns) continue;
    best = {.name = reply->name(),
            .version = reply->version(),
            .kernel = reply->kernel(),
            .boot_ns = reply->boot_ns(),
            .clock_offset_ns = reply->boot_ns() - (sent + (received - sent) / 2),
            .clock_uncertainty_ns = uncertainty,
            .drained = reply->drained(),
            .faults = reply->faults(),
            .revocations = reply->revocations()};
  }
  return best;
}

Result<std::vector<FaultSupport>> AgentClient::doctor() {
  auto reply = connection_->call("doctor", &Calls::AsyncDoctor, model::DoctorRequest(), kDoctorWithin);
  if (!reply) return failure(std::move(reply).error());
  std::vector<FaultSupport> faults;
  for (const model::FaultSupport& fault : reply->faults())
    faults.push_back({.kind = fault.kind(),
                      .available = fault.available(),
                      .mechanism = fault.mechanism(),
                      .accuracy = fault.accuracy(),
                      .missing = fault.missing()});
  return faults;
}

Result<int> AgentClient::start_service(const ServiceSpec& service) {
  model::StartServiceRequest request;
  request.set_name(service.name);
  request.mutable_argv()->Add(service.argv.begin(), service.argv.end());
  request.set_working_directory(service.working_directory);
  request.set_output(service.output);
  auto reply = connection_->call("start " + service.name, &Calls::AsyncStartService, request, timeout_);
  if (!reply) return failure(std::move(reply).error());
  return static_cast<int>(reply->pid());
}

Status AgentClient::stop_service(std::string_view service) {
  model::StopServiceRequest request;
  request.set_name(std::string(service));
  auto reply = connection_->call("stop " + std::string(service), &Calls::AsyncStopService, request, timeout_);
  if (!reply) return failure(std::move(reply).error());
  return {};
}

void AgentClient::prepare(std::string_view id, const model::Injection& injection, Duration lease,
                          Done<std::string> done) {
  model::PrepareRequest request;
  request.set_id(std::string(id));
  *request.mutable_injection() = injection;
  *request.mutable_lease() = TimeUtil::NanosecondsToDuration(lease.count());
  connection_->start<model::PrepareRequest, model::PrepareReply>(
      fmt::format("prepare {}", id), &Calls::AsyncPrepare, request, timeout_,
      [done = std::move(done)](Result<model::PrepareReply> reply) {
        done(std::move(reply).map([](const model::PrepareReply& heard) { return heard.mechanism(); }));
      });
}

void AgentClient::arm(std::string_view id, const ArmWindow& window, Done<void> done) {
  model::ArmRequest request;
  request.set_id(std::string(id));
  request.set_start_boot_ns(window.start_boot_ns);
  request.set_end_boot_ns(window.end_boot_ns);
  connection_->start<model::ArmRequest, model::ArmReply>(fmt::format("arm {}", id), &Calls::AsyncArm,
                                                         std::move(request), timeout_,
                                                         [done = std::move(done)](Result<model::ArmReply> reply) {
                                                           done(std::move(reply).map([](const model::ArmReply&) {}));
                                                         });
}

void AgentClient::renew(Duration lease, Done<std::vector<FaultCounters>> done) {
  model::RenewRequest request;
  *request.mutable_lease() = TimeUtil::NanosecondsToDuration(lease.count());
  connection_->start<model::RenewRequest, model::RenewReply>(
      "renew the lease", &Calls::AsyncRenew, request, timeout_,
      [done = std::move(done)](Result<model::RenewReply> reply) {
        done(std::move(reply).map([](const model::RenewReply& heard) {
          std::vector<FaultCounters> faults;
          for (const model::Counters& counters : heard.faults()) faults.push_back(from_wire(counters));
          return faults;
        }));
      });
}

void AgentClient::revert(std::string_view id, Done<FaultCounters> done) {
  model::RevertRequest request;
  request.set_id(std::string(id));
  connection_->start<model::RevertRequest, model::RevertReply>(
      fmt::format("revert {}", id), &Calls::AsyncRevert, request, timeout_,
      [id = std::string(id), done = std::move(done)](Result<model::RevertReply> reply) {
        done(std::move(reply).map([&id](const model::RevertReply& heard) {
          FaultCounters counters = from_wire(heard.counters());
          counters.id = id;
          return counters;
        }));
      });
}

Result<std::string> AgentClient::prepare(std::string_view id, const model::Injection& injection, Duration lease) {
  return wait_for<std::string>([&](Done<std::string> done) { prepare(id, injection, lease, std::move(done)); });
}

Status AgentClient::arm(std::string_view id, const ArmWindow& window) {
  return wait_for<void>([&](Done<void> done) { arm(id, window, std::move(done)); });
}

Result<std::vector<FaultCounters>> AgentClient::renew(Duration lease) {
  using Faults = std::vector<FaultCounters>;
  return wait_for<Faults>([&](Done<Faults> done) { renew(lease, std::move(done)); });
}

Result<FaultCounters> AgentClient::revert(std::string_view id) {
  return wait_for<FaultCounters>([&](Done<FaultCounters> done) { revert(id, std::move(done)); });
}

Result<AgentHealing> AgentClient::heal() {
  auto reply = connection_->call("heal", &Calls::AsyncHeal, model::HealRequest(), timeout_);
  if (!reply) return failure(std::move(reply).error());
  return AgentHealing{.reverted = {reply->reverted().begin(), reply->reverted().end()},
                      .leftovers = {reply->leftovers().begin(), reply->leftovers().end()}};
}

Status AgentClient::leave() {
  auto reply = connection_->call("leave", &Calls::AsyncLeave, model::LeaveRequest(), timeout_);
  if (!reply) return failure(std::move(reply).error());
  return {};
}

Result<std::vector<std::string>> AgentClient::drain(bool on) {
  model::DrainRequest request;
  request.set_back(!on);
  auto reply = connection_->call(on ? "drain" : "take back", &Calls::AsyncDrain, request, timeout_);
  if (!reply) return failure(std::move(reply).error());
  return std::vector<std::string>(reply->reverted().begin(), reply->reverted().end());
}

Result<std::uint64_t> AgentClient::revoke(std::string_view list) {
  model::RevokeRequest request;
  request.set_list(std::string(list));
  auto reply = connection_->call("revoke", &Calls::AsyncRevoke, request, timeout_);
  if (!reply) return failure(std::move(reply).error());
  return reply->number();
}

}  // namespace fracas::controller
