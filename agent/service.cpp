#include "agent/service.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "agent/convert.h"
#include "agent/doctor.h"
#include "lib/base/log.h"
#include "lib/model/agent.grpc.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/probe.h"

namespace fracas::agent {
namespace {

using grpc::ServerContext;
using grpc::StatusCode;

constexpr const char* kControllerName = "fracas-controller";
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
    default:
      return refuse(other, error);
  }
}

// TLS has checked that the certificate is the authority's; agents' certificates are too, and they may not give orders.
grpc::Status check_controller(const ServerContext& context) {
  const auto names = context.auth_context()->FindPropertyValues("x509_common_name");
  if (names.size() == 1 && names.front() == kControllerName) return grpc::Status::OK;
  return {StatusCode::PERMISSION_DENIED, "only the controller may talk to an agent"};
}

class AgentService final : public model::Agent::Service {
 public:
  explicit AgentService(Agent& agent) : agent_(agent) {}

  grpc::Status Hello(ServerContext* context, const model::HelloRequest*, model::HelloReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    reply->set_name(agent_.name());
    reply->set_version(FRACAS_VERSION);
    reply->set_kernel(os::kernel_release());
    reply->set_boot_ns(os::boot_now_ns());
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
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
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
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    auto armed = agent_.arm(request->id(), {.start_ns = request->start_boot_ns(), .end_ns = request->end_boot_ns()});
    if (armed) return grpc::Status::OK;
    if (armed.error().code == ENOENT) return refuse(StatusCode::NOT_FOUND, armed.error());
    return refuse(armed.error(), StatusCode::INTERNAL);
  }

  grpc::Status Renew(ServerContext* context, const model::RenewRequest* request, model::RenewReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    auto reports = agent_.faults().renew(model::from_proto(request->lease()));
    if (!reports) return refuse(reports.error(), StatusCode::INTERNAL);
    for (const FaultReport& report : *reports) fill(report, *reply->add_faults());
    return grpc::Status::OK;
  }

  grpc::Status Revert(ServerContext* context, const model::RevertRequest* request, model::RevertReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    auto report = agent_.faults().revert(request->id());
    if (!report) return refuse(StatusCode::INTERNAL, report.error());
    if (*report) fill(**report, *reply->mutable_counters());
    return grpc::Status::OK;
  }

  grpc::Status Heal(ServerContext* context, const model::HealRequest*, model::HealReply* reply) override {
    if (auto allowed = check_controller(*context); !allowed.ok()) return allowed;
    fill(agent_.heal(), *reply);
    return grpc::Status::OK;
  }

 private:
  Agent& agent_;
};

Result<std::shared_ptr<grpc::ServerCredentials>> read_credentials(const RpcServerOptions& options) {
  auto certificate = os::read_file(options.certificate);
  if (!certificate) return failure(std::move(certificate).error().context("certificate"));
  auto key = os::read_file(options.key);
  if (!key) return failure(std::move(key).error().context("key"));
  auto ca = os::read_file(options.ca);
  if (!ca) return failure(std::move(ca).error().context("authority"));
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = *ca;
  tls.pem_key_cert_pairs.push_back({*key, *certificate});
  return grpc::SslServerCredentials(tls);
}

}  // namespace

struct RpcServer::Inside {
  explicit Inside(Agent& agent) : service(agent) {}
  AgentService service;
  std::unique_ptr<grpc::Server> server;
};

Result<std::unique_ptr<RpcServer>> RpcServer::start(Agent& agent, const RpcServerOptions& options) {
  auto credentials = read_credentials(options);
  if (!credentials) return failure(std::move(credentials).error());
  auto inside = std::make_unique<Inside>(agent);
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

void RpcServer::stop() {
  if (!inside_->server) return;
  inside_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  inside_->server.reset();
}

}  // namespace fracas::agent
