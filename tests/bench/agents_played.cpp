#include "tests/bench/agents_played.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "lib/model/agent.grpc.pb.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::bench {
namespace {

std::string text_of(const std::filesystem::path& path) {
  auto text = os::read_file(path);
  if (text) return *std::move(text);
  std::fprintf(stderr, "%s\n", text.error().message.c_str());
  std::exit(1);
}

class Service final : public model::Agent::Service {
 public:
  grpc::Status Hello(grpc::ServerContext*, const model::HelloRequest*, model::HelloReply* reply) override {
    reply->set_name("played");
    reply->set_boot_ns(os::boot_now_ns());
    return grpc::Status::OK;
  }
  grpc::Status Prepare(grpc::ServerContext*, const model::PrepareRequest*, model::PrepareReply* reply) override {
    const std::scoped_lock lock(mutex_);
    if (seen_.prepared++ == 0) seen_.first_prepare_ns = os::boot_now_ns();
    reply->set_mechanism("played");
    return grpc::Status::OK;
  }
  grpc::Status Arm(grpc::ServerContext*, const model::ArmRequest* request, model::ArmReply*) override {
    const std::int64_t now_ns = os::boot_now_ns();
    const std::scoped_lock lock(mutex_);
    ++seen_.armed;
    seen_.last_arm_ns = now_ns;
    seen_.late_ms.push_back(std::max(0.0, static_cast<double>(now_ns - request->start_boot_ns()) * 1e-6));
    return grpc::Status::OK;
  }
  grpc::Status Renew(grpc::ServerContext*, const model::RenewRequest*, model::RenewReply*) override {
    return grpc::Status::OK;
  }
  grpc::Status Leave(grpc::ServerContext*, const model::LeaveRequest*, model::LeaveReply*) override {
    return grpc::Status::OK;
  }
  grpc::Status Revert(grpc::ServerContext*, const model::RevertRequest* request, model::RevertReply* reply) override {
    reply->mutable_counters()->set_id(request->id());
    reply->mutable_counters()->set_matched(1);
    reply->mutable_counters()->set_affected(1);
    reply->mutable_counters()->set_first_ns(os::boot_now_ns());
    reply->mutable_counters()->set_last_ns(os::boot_now_ns());
    return grpc::Status::OK;
  }

  AgentsSeen seen() const {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }

 private:
  mutable std::mutex mutex_;
  AgentsSeen seen_;
};

}  // namespace

struct AgentsPlayed::Inside {
  Service service;
  std::unique_ptr<grpc::Server> server;
};

AgentsPlayed::AgentsPlayed(std::size_t count, std::uint16_t first_port, const std::filesystem::path& pki)
    : inside_(std::make_unique<Inside>()) {
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = text_of(pki / "ca.crt");
  const std::string own = text_of(pki / "agents.pem");
  tls.pem_key_cert_pairs.push_back({own, own});
  const auto credentials = grpc::SslServerCredentials(tls);
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  std::vector<int> bound(count, 0);
  for (std::size_t i = 0; i < count; ++i)
    builder.AddListeningPort(fmt::format("127.0.0.1:{}", first_port + i), credentials, &bound[i]);
  builder.RegisterService(&inside_->service);
  inside_->server = builder.BuildAndStart();
  if (inside_->server && std::ranges::find(bound, 0) == bound.end()) return;
  std::fprintf(stderr, "the ports from %u on cannot be had\n", unsigned{first_port});
  std::exit(1);
}

AgentsPlayed::~AgentsPlayed() {
  inside_->server->Shutdown(std::chrono::system_clock::now());
}

AgentsSeen AgentsPlayed::seen() const {
  return inside_->service.seen();
}

}  // namespace fracas::bench
