#include "agent/service.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "agent/call_counter.h"
#include "agent/convert.h"
#include "agent/doctor.h"
#include "agent/run_gate.h"
#include "lib/base/log.h"
#include "lib/base/trace_context.h"
#include "lib/model/agent.grpc.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/probe.h"
#include "lib/pki/certificate.h"
#include "lib/pki/revocations.h"

namespace fracas::agent {
namespace {

using grpc::ServerContext;
using grpc::StatusCode;

constexpr int kMessageBytesMax = 1 << 20;
constexpr int kThreadsMax = 16;
constexpr std::size_t kMemoryBytesMax = std::size_t{64} << 20;

grpc::Status refuse(StatusCode code, const Error& error) {
  return {code, error.message};
}

// `other` is what an error means that is neither a mistake in the request nor one of those named by their errno.
grpc::Status refuse(const Error& error, StatusCode other) {
  switch (error.code) {
    case EINVAL:
      return refuse(StatusCode::INVALID_ARGUMENT, error);
    case EEXIST:
      return refuse(StatusCode::ALREADY_EXISTS, error);
    case EPERM:
      return refuse(StatusCode::FAILED_PRECONDITION, error);
    case EBUSY:
      return refuse(StatusCode::ABORTED, error);
    default:
      return refuse(other, error);
  }
}

// The one value of a property of the connection, or nothing.
std::string_view property(const ServerContext& context, const char* name) {
  const auto values = context.auth_context()->FindPropertyValues(name);
  return values.size() == 1 ? std::string_view(values.front().data(), values.front().size()) : std::string_view();
}

std::optional<TraceContext> trace_of(const ServerContext& context) {
  const auto found = context.client_metadata().find(kTraceHeader);
  if (found == context.client_metadata().end()) return std::nullopt;
  return parse_trace({found->second.data(), found->second.size()});
}

// The run that a call is of; empty: of none.
std::string run_of(const ServerContext& context) {
  const auto found = context.client_metadata().find(pki::kRunHeader);
  return found == context.client_metadata().end() ? "" : std::string(found->second.data(), found->second.size());
}

class AgentService final : public model::Agent::Service {
 public:
  AgentService(Agent& agent, pki::PeerCheck& peers, const RpcServerOptions& options)
      : agent_(agent),
        peers_(peers),
        commands_(options.commands),
        takes_runs_alone_(!options.listen.starts_with("unix:")) {}

  grpc::Status Hello(ServerContext* context, const model::HelloRequest*, model::HelloReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    reply->set_name(agent_.name());
    reply->set_version(FRACAS_VERSION);
    reply->set_kernel(os::kernel_release());
    reply->set_boot_ns(os::boot_now_ns());
    reply->set_drained(agent_.drained());
    // What another run holds is not what one that is over has left.
    if (!gate_.is_over(run_of(*context))) reply->set_faults(static_cast<std::uint32_t>(agent_.faults().held().size()));
    reply->set_revocations(peers_.number());
    return grpc::Status::OK;
  }

  grpc::Status Doctor(ServerContext* context, const model::DoctorRequest*, model::DoctorReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    for (const FaultSupport& support : examine()) fill(support, *reply->add_faults());
    return grpc::Status::OK;
  }

  grpc::Status StartService(ServerContext* context, const model::StartServiceRequest* request,
                            model::StartServiceReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    if (!commands_)
      return {StatusCode::FAILED_PRECONDITION, "this agent starts no services (fracas-agent serve --commands)"};
    const ServiceSpec spec = service_from(*request);
    if (auto valid = check_service(spec); !valid) return refuse(StatusCode::INVALID_ARGUMENT, valid.error());
    auto pid = agent_.services().start(spec);
    if (!pid) return refuse(pid.error(), StatusCode::FAILED_PRECONDITION);
    reply->set_pid(*pid);
    return grpc::Status::OK;
  }

  grpc::Status StopService(ServerContext* context, const model::StopServiceRequest* request,
                           model::StopServiceReply*) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    auto stopped = agent_.services().stop(request->name());
    return stopped ? grpc::Status::OK : refuse(StatusCode::INTERNAL, stopped.error());
  }

  grpc::Status Prepare(ServerContext* context, const model::PrepareRequest* request,
                       model::PrepareReply* reply) override {
    if (auto allowed = check_order_of_run(*context); !allowed.ok()) return allowed;
    const Order order = order_from(*request);
    if (auto valid = check_order(order); !valid) return refuse(StatusCode::INVALID_ARGUMENT, valid.error());
    auto mechanism = agent_.prepare(order);
    if (!mechanism)
      return refuse(mechanism.error().code == EEXIST ? StatusCode::ALREADY_EXISTS : StatusCode::FAILED_PRECONDITION,
                    mechanism.error());
    reply->set_mechanism(*mechanism);
    return grpc::Status::OK;
  }

  grpc::Status Arm(ServerContext* context, const model::ArmRequest* request, model::ArmReply*) override {
    if (auto allowed = check_order_of_run(*context); !allowed.ok()) return allowed;
    auto armed = agent_.arm(request->id(), {.start_ns = request->start_boot_ns(), .end_ns = request->end_boot_ns()});
    if (armed) return grpc::Status::OK;
    if (armed.error().code == ENOENT) return refuse(StatusCode::NOT_FOUND, armed.error());
    return refuse(armed.error(), StatusCode::INTERNAL);
  }

  grpc::Status Renew(ServerContext* context, const model::RenewRequest* request, model::RenewReply* reply) override {
    if (auto allowed = check_order_of_run(*context); !allowed.ok()) return allowed;
    auto reports = agent_.faults().renew(model::from_proto(request->lease()));
    if (!reports) return refuse(reports.error(), StatusCode::INTERNAL);
    for (const FaultReport& report : *reports) fill(report, *reply->add_faults());
    return grpc::Status::OK;
  }

  grpc::Status Revert(ServerContext* context, const model::RevertRequest* request, model::RevertReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    if (comes_too_late(*context, "revert " + request->id())) return grpc::Status::OK;
    auto report = agent_.faults().revert(request->id());
    if (!report) return refuse(StatusCode::INTERNAL, report.error());
    if (*report) fill(**report, *reply->mutable_counters());
    return grpc::Status::OK;
  }

  grpc::Status Heal(ServerContext* context, const model::HealRequest*, model::HealReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    if (comes_too_late(*context, "heal")) return grpc::Status::OK;
    fill(agent_.heal(), *reply);
    return grpc::Status::OK;
  }

  grpc::Status Leave(ServerContext* context, const model::LeaveRequest*, model::LeaveReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    const std::string run = run_of(*context);
    if (gate_.has(run)) {
      auto reverted = agent_.faults().revert_all();
      if (!reverted) return refuse(reverted.error(), StatusCode::INTERNAL);
      for (std::string& id : *reverted) reply->add_reverted(std::move(id));
    }
    gate_.leave(run);
    return grpc::Status::OK;
  }

  grpc::Status Drain(ServerContext* context, const model::DrainRequest* request, model::DrainReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    auto reverted = agent_.drain(!request->back());
    if (!reverted) return refuse(reverted.error(), StatusCode::INTERNAL);
    for (std::string& id : *reverted) reply->add_reverted(std::move(id));
    return grpc::Status::OK;
  }

  grpc::Status Revoke(ServerContext* context, const model::RevokeRequest* request, model::RevokeReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    auto number = peers_.replace(request->list());
    if (!number) return refuse(number.error(), StatusCode::FAILED_PRECONDITION);
    reply->set_number(*number);
    return grpc::Status::OK;
  }

 private:
  // TLS has checked that the certificate is the authority's and was valid then; agents' certificates are the
  // authority's, too, and they may not give orders.
  // Lines of the log that this call causes, on this thread, name the trace of the controller's run.
  grpc::Status check_controller(const ServerContext& context) const {
    log::trace_thread(trace_of(context));
    const std::string_view name = property(context, "x509_common_name");
    if (!pki::is_controller(name))
      return refused(context, {.message = fmt::format("\"{}\": only controllers may talk to an agent", name)});
    const auto holds = peers_.check(property(context, "x509_pem_cert"));
    return holds ? grpc::Status::OK : refused(context, holds.error());
  }
  // An order that prolongs or begins faults: of the run that has this agent, and no other.
  grpc::Status check_order_of_run(const ServerContext& context) {
    if (auto allowed = check_controller(context); !allowed.ok()) return allowed;
    const std::string run = run_of(context);
    if (run.empty() && !takes_runs_alone_) return grpc::Status::OK;  // a lab's agents have one run
    const Status admitted = run.empty() ? failure("the call does not say of which run it is", EINVAL)
                                        : gate_.admit(run, agent_.faults().lease_end_ns(), os::boot_now_ns());
    if (admitted) return grpc::Status::OK;
    log::warning("refused {}: {}", context.peer(), admitted.error().message);
    return refuse(admitted.error(), StatusCode::ABORTED);
  }
  // What a run that is over wants to end has ended with its lease, and what is there now is another run's.
  bool comes_too_late(const ServerContext& context, std::string_view call) const {
    const std::string run = run_of(context);
    if (!gate_.is_over(run)) return false;
    log::warning("refused {}: {}: run {} is over", context.peer(), call, run);
    return true;
  }
  static grpc::Status refused(const ServerContext& context, const Error& error) {
    log::warning("refused {}: {}", context.peer(), error.message);
    return refuse(StatusCode::PERMISSION_DENIED, error);
  }

  Agent& agent_;
  pki::PeerCheck& peers_;
  const bool commands_;
  const bool takes_runs_alone_;  // on TCP, where it outlives many
  RunGate gate_;
};

// What gRPC says by itself goes into our log: connections that TLS refuses among it, which no call ever comes of.
void hear_grpc(gpr_log_func_args* line) {
  if (line->severity != GPR_LOG_SEVERITY_ERROR) return;
  const std::string_view said = line->message;
  if (said.starts_with("Handshake failed"))
    log::warning("refused a connection: {}", said);
  else
    log::warning("grpc: {}", said);
}

// Looked at again every second.
Result<std::shared_ptr<grpc::ServerCredentials>> watch_credentials(const RpcServerOptions& options) {
  auto certificate = os::read_file(options.certificate);
  if (!certificate) return failure(std::move(certificate).error().context("certificate"));
  auto key = os::read_file(options.key);
  if (!key) return failure(std::move(key).error().context("key"));
  auto ca = os::read_file(options.ca);
  if (!ca) return failure(std::move(ca).error().context("authority"));
  if (auto read = pki::read_certificate(*certificate); !read)
    return failure(std::move(read).error().context(options.certificate.string()));
  constexpr unsigned kLookEverySeconds = 1;
  namespace tls = grpc::experimental;
  tls::TlsServerCredentialsOptions wanted(std::make_shared<tls::FileWatcherCertificateProvider>(
      options.key.string(), options.certificate.string(), options.ca.string(), kLookEverySeconds));
  wanted.watch_root_certs();
  wanted.watch_identity_key_cert_pairs();
  wanted.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(wanted);
}

}  // namespace

struct RpcServer::Inside {
  Inside(Agent& agent, const RpcServerOptions& options, std::string ca)
      : peers(options.revoked, std::move(ca)), service(agent, peers, options) {}
  pki::PeerCheck peers;
  CallCounter calls;
  AgentService service;
  std::unique_ptr<grpc::Server> server;
};

Result<std::unique_ptr<RpcServer>> RpcServer::start(Agent& agent, const RpcServerOptions& options) {
  auto credentials = watch_credentials(options);
  if (!credentials) return failure(std::move(credentials).error());
  auto ca = os::read_file(options.ca);
  if (!ca) return failure(std::move(ca).error().context("authority"));
  gpr_set_log_function(hear_grpc);
  auto inside = std::make_unique<Inside>(agent, options, *std::move(ca));
  grpc::ResourceQuota quota("fracas-agent");
  quota.Resize(kMemoryBytesMax);
  quota.SetMaxThreads(kThreadsMax);
  grpc::ServerBuilder builder;
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
  // Otherwise a second agent on the same port would get every other connection.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  int port = 0;
  builder.AddListeningPort(options.listen, *credentials, &port);
  builder.RegisterService(&inside->service);
  builder.experimental().SetInterceptorCreators(inside->calls.interceptors());
  inside->server = builder.BuildAndStart();
  // A Unix socket's "port" is 1; 0 means that the address could not be bound.
  if (!inside->server || port == 0)
    return failure("listen on " + options.listen + ": the address is invalid or in use, or a certificate is");
  return std::unique_ptr<RpcServer>(new RpcServer(std::move(inside)));
}

RpcServer::RpcServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

RpcServer::~RpcServer() {
  stop();
}

const CallCounter& RpcServer::calls() const {
  return inside_->calls;
}

void RpcServer::stop() {
  if (!inside_->server) return;
  inside_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  inside_->server.reset();
}

}  // namespace fracas::agent
