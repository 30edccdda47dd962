#include "controller/world/agent_client.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <cerrno>
#include <chrono>
#include <mutex>

#include "lib/base/log.h"
#include "lib/base/trace_context.h"
#include "lib/model/agent.grpc.pb.h"
#include "lib/os/clock.h"
#include "lib/pki/certificate.h"
#include "lib/pki/revocations.h"

namespace fracas::controller {
namespace {

using google::protobuf::util::TimeUtil;

constexpr Duration kDoctorWithin = std::chrono::minutes(1);
constexpr auto kReconnectWithin = std::chrono::milliseconds(200);

int errno_of(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ETIMEDOUT;
    case grpc::StatusCode::UNAVAILABLE:
      return ECONNREFUSED;
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return EACCES;
    case grpc::StatusCode::ABORTED:
      return EBUSY;
    case grpc::StatusCode::ALREADY_EXISTS:
      return EEXIST;
    case grpc::StatusCode::NOT_FOUND:
      return ENOENT;
    case grpc::StatusCode::INVALID_ARGUMENT:
      return EINVAL;
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::FAILED_PRECONDITION:
      return ENOTSUP;
    default:
      return 0;
  }
}

// gRPC writes to stderr by itself; what matters of it is in the errors we return.
void quieten_grpc() {
  static std::once_flag once;
  std::call_once(once,
                 [] { gpr_set_log_function([](gpr_log_func_args* line) { log::debug("grpc: {}", line->message); }); });
}

std::shared_ptr<grpc::Channel> open_channel(const AgentAddress& address, const Credentials& credentials) {
  quieten_grpc();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = credentials.ca;
  options.pem_private_key = credentials.key;
  options.pem_cert_chain = credentials.certificate;
  grpc::ChannelArguments arguments;
  // The certificate names the host, while the address may be a socket's path.
  arguments.SetSslTargetNameOverride(address.certificate.empty() ? address.name : address.certificate);
  // Labs have their agents on Unix sockets; and a proxy from the environment is no way to a host of a fleet either.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // After a restart of the agent the next call finds it within a fraction of a lease.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  // It is also how long one attempt may take, TLS handshake included; a busy host needs a while for that.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 3000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  return grpc::CreateCustomChannel(address.target, grpc::SslCredentials(options), arguments);
}

FaultCounters from_wire(const model::Counters& counters) {
  return {.id = counters.id(),
          .mechanism = counters.mechanism(),
          .counters = {.matched = counters.matched(),
                       .affected = counters.affected(),
                       .bytes = counters.bytes(),
                       .first_ns = counters.first_ns(),
                       .last_ns = counters.last_ns()}};
}

}  // namespace

struct AgentClient::Connection {
  AgentAddress address;
  Duration timeout;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<model::Agent::Stub> stub;
  pki::PeerCheck* peers = nullptr;

  // gRPC shakes hands only while somebody waits for the channel, and a call that is refused at once does not: whoever
  // asked again and again would see every attempt time out.
  void help_reconnect() const {
    if (channel->GetState(true) == GRPC_CHANNEL_TRANSIENT_FAILURE)
      channel->WaitForConnected(std::chrono::system_clock::now() + kReconnectWithin);
  }

  // Whether the agent that answered is still to be heard.
  Status check_peer(const grpc::ClientContext& context) const {
    if (peers == nullptr) return {};
    const auto shown = context.auth_context()->FindPropertyValues("x509_pem_cert");
    if (shown.size() != 1) return failure("it showed no certificate", EACCES);
    return peers->check({shown.front().data(), shown.front().size()});
  }

  template <typename Request, typename Reply>
  Result<Reply> call(std::string_view step,
                     grpc::Status (model::Agent::Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                     const Request& request) const {
    return call<Request, Reply>(step, method, request, timeout);
  }

  template <typename Request, typename Reply>
  Result<Reply> call(std::string_view step,
                     grpc::Status (model::Agent::Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                     const Request& request, Duration within) const {
    help_reconnect();
    grpc::ClientContext context;
    if (const auto trace = log::current_trace()) context.AddMetadata(kTraceHeader, to_text(*trace));
    if (!address.run.empty()) context.AddMetadata(pki::kRunHeader, address.run);
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::duration_cast<std::chrono::microseconds>(within));
    Reply reply;
    const grpc::Status status = (stub.get()->*method)(&context, request, &reply);
    if (status.ok()) {
      auto heard = check_peer(context);
      if (heard) return reply;
      return failure(std::move(heard).error().context(fmt::format("agent {}: {}", address.name, step)));
    }
    std::string cause = status.error_message();
    if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
      cause = fmt::format("no answer within {}", describe_duration(within));
    return failure(fmt::format("agent {}: {}: {}", address.name, step, cause), errno_of(status.error_code()));
  }
};

AgentClient::AgentClient(AgentAddress address, const Credentials& credentials, Duration timeout, pki::PeerCheck* peers)
    : connection_(std::make_unique<Connection>()) {
  connection_->channel = open_channel(address, credentials);
  connection_->stub = model::Agent::NewStub(connection_->channel);
  connection_->address = std::move(address);
  connection_->timeout = timeout;
  connection_->peers = peers;
}

AgentClient::AgentClient(AgentClient&&) noexcept = default;
AgentClient& AgentClient::operator=(AgentClient&&) noexcept = default;
AgentClient::~AgentClient() = default;

const std::string& AgentClient::name() const {
  return connection_->address.name;
}

Result<AgentHello> AgentClient::hello(int samples) {
  AgentHello best;
  for (int i = 0; i < samples; ++i) {
    const std::int64_t sent = os::boot_now_ns();
    auto reply = connection_->call("hello", &model::Agent::Stub::Hello, model::HelloRequest());
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
  auto reply = connection_->call("doctor", &model::Agent::Stub::Doctor, model::DoctorRequest(), kDoctorWithin);
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
  auto reply = connection_->call("start " + service.name, &model::Agent::Stub::StartService, request);
  if (!reply) return failure(std::move(reply).error());
  return static_cast<int>(reply->pid());
}

Status AgentClient::stop_service(std::string_view service) {
  model::StopServiceRequest request;
  request.set_name(std::string(service));
  auto reply = connection_->call("stop " + std::string(service), &model::Agent::Stub::StopService, request);
  if (!reply) return failure(std::move(reply).error());
  return {};
}

Result<std::string> AgentClient::prepare(std::string_view id, const model::Injection& injection, Duration lease) {
  model::PrepareRequest request;
  request.set_id(std::string(id));
  *request.mutable_injection() = injection;
  *request.mutable_lease() = TimeUtil::NanosecondsToDuration(lease.count());
  auto reply = connection_->call(fmt::format("prepare {}", id), &model::Agent::Stub::Prepare, request);
  if (!reply) return failure(std::move(reply).error());
  return reply->mechanism();
}

Status AgentClient::arm(std::string_view id, const ArmWindow& window) {
  model::ArmRequest request;
  request.set_id(std::string(id));
  request.set_start_boot_ns(window.start_boot_ns);
  request.set_end_boot_ns(window.end_boot_ns);
  auto reply = connection_->call(fmt::format("arm {}", id), &model::Agent::Stub::Arm, request);
  if (!reply) return failure(std::move(reply).error());
  return {};
}

Result<std::vector<FaultCounters>> AgentClient::renew(Duration lease) {
  model::RenewRequest request;
  *request.mutable_lease() = TimeUtil::NanosecondsToDuration(lease.count());
  auto reply = connection_->call("renew the lease", &model::Agent::Stub::Renew, request);
  if (!reply) return failure(std::move(reply).error());
  std::vector<FaultCounters> faults;
  for (const model::Counters& counters : reply->faults()) faults.push_back(from_wire(counters));
  return faults;
}

Result<FaultCounters> AgentClient::revert(std::string_view id) {
  model::RevertRequest request;
  request.set_id(std::string(id));
  auto reply = connection_->call(fmt::format("revert {}", id), &model::Agent::Stub::Revert, request);
  if (!reply) return failure(std::move(reply).error());
  FaultCounters final_counters = from_wire(reply->counters());
  final_counters.id = id;
  return final_counters;
}

Result<AgentHealing> AgentClient::heal() {
  auto reply = connection_->call("heal", &model::Agent::Stub::Heal, model::HealRequest());
  if (!reply) return failure(std::move(reply).error());
  return AgentHealing{.reverted = {reply->reverted().begin(), reply->reverted().end()},
                      .leftovers = {reply->leftovers().begin(), reply->leftovers().end()}};
}

Status AgentClient::leave() {
  auto reply = connection_->call("leave", &model::Agent::Stub::Leave, model::LeaveRequest());
  if (!reply) return failure(std::move(reply).error());
  return {};
}

Result<std::vector<std::string>> AgentClient::drain(bool on) {
  model::DrainRequest request;
  request.set_back(!on);
  auto reply = connection_->call(on ? "drain" : "take back", &model::Agent::Stub::Drain, request);
  if (!reply) return failure(std::move(reply).error());
  return std::vector<std::string>(reply->reverted().begin(), reply->reverted().end());
}

Result<std::uint64_t> AgentClient::revoke(std::string_view list) {
  model::RevokeRequest request;
  request.set_list(std::string(list));
  auto reply = connection_->call("revoke", &model::Agent::Stub::Revoke, request);
  if (!reply) return failure(std::move(reply).error());
  return reply->number();
}

}  // namespace fracas::controller
