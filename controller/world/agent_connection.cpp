#include "controller/world/agent_connection.h"

#include <absl/synchronization/mutex.h>
#include <fmt/format.h>
#include <grpc/support/log.h>

#include <cerrno>
#include <chrono>
#include <mutex>

#include "lib/base/log.h"
#include "lib/base/trace_context.h"
#include "lib/pki/certificate.h"

namespace fracas::controller {
namespace {

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

// Once a program: gRPC writes to stderr by itself, while what matters of it is in the errors we return; and Debian
// builds its mutexes so that they look for cycles among each other, which costs more the more connections there are.
void settle_grpc() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function([](gpr_log_func_args* line) { log::debug("grpc: {}", line->message); });
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  });
}

// Channels to many agents have one for all: each would parse the same certificates and keep what comes of them.
std::shared_ptr<grpc::ChannelCredentials> shared_credentials(const Credentials& credentials) {
  struct Last {
    std::mutex mutex;
    std::string texts;
    std::weak_ptr<grpc::ChannelCredentials> made;
  };
  static Last last;
  const std::scoped_lock lock(last.mutex);
  const std::string texts = credentials.ca + credentials.key + credentials.certificate;
  if (auto made = last.made.lock(); made && last.texts == texts) return made;
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = credentials.ca;
  options.pem_private_key = credentials.key;
  options.pem_cert_chain = credentials.certificate;
  auto made = grpc::SslCredentials(options);
  last.texts = texts;
  last.made = made;
  return made;
}

std::shared_ptr<grpc::Channel> open_channel(const AgentAddress& address, const Credentials& credentials) {
  settle_grpc();
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
  return grpc::CreateCustomChannel(address.target, shared_credentials(credentials), arguments);
}

}  // namespace

AgentConnection::AgentConnection(AgentAddress address, const Credentials& credentials, pki::PeerCheck* peers)
    : address_(std::move(address)),
      queue_(CallQueue::shared()),
      stub_(model::Agent::NewStub(open_channel(address_, credentials))),
      peers_(peers) {}

void AgentConnection::prepare(grpc::ClientContext& context, Duration within) const {
  if (const auto trace = log::current_trace()) context.AddMetadata(kTraceHeader, to_text(*trace));
  if (!address_.run.empty()) context.AddMetadata(pki::kRunHeader, address_.run);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::duration_cast<std::chrono::microseconds>(within));
}

Status AgentConnection::judge(const grpc::Status& status, const grpc::ClientContext& context, Duration within) const {
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
    return failure(fmt::format("no answer within {}", describe_duration(within)), ETIMEDOUT);
  if (!status.ok()) return failure(status.error_message(), errno_of(status.error_code()));
  if (peers_ == nullptr) return {};
  const auto shown = context.auth_context()->FindPropertyValues("x509_pem_cert");
  if (shown.size() != 1) return failure("it showed no certificate", EACCES);
  return peers_->check({shown.front().data(), shown.front().size()});
}

}  // namespace fracas::controller
