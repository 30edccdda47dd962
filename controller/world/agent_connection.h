#pragma once
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "controller/world/agent_client.h"
#include "controller/world/done.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/agent.grpc.pb.h"
#include "lib/pki/revocations.h"

namespace fracas::controller {

// The channel to one agent and its calls, for agent_client.cpp. It waits for nothing: threads of gRPC's carry the calls
// of all channels, and shake hands on those that nobody calls on at the moment. Thread: any.
class AgentConnection {
 public:
  // One of the agent's calls as gRPC generates it.
  template <typename Request, typename Reply>
  using Method = void (model::Agent::StubInterface::async_interface::*)(grpc::ClientContext*, const Request*, Reply*,
                                                                        std::function<void(grpc::Status)>);

  // `peers`, where there is one, outlives it.
  AgentConnection(AgentAddress address, const Credentials& credentials, pki::PeerCheck* peers);

  const std::string& name() const { return address_.name; }

  // `done` is called once, `within` at the latest, on a thread of gRPC's; the connection is there until then. ERRORS:
  // as AgentClient says; `step` is in them.
  template <typename Request, typename Reply>
  void start(std::string step, Method<Request, Reply> method, Request request, Duration within,
             Done<Reply> done) const {
    struct Call {
      grpc::ClientContext context;
      Request request;
      Reply reply;
    };
    const auto call = std::make_shared<Call>();
    call->request = std::move(request);
    prepare(call->context, within);
    (stub_->async()->*method)(
        &call->context, &call->request, &call->reply,
        [this, call, within, step = std::move(step), done = std::move(done)](const grpc::Status& status) {
          if (auto heard = judge(status, call->context, within); !heard)
            done(failure(std::move(heard).error().context("agent " + name() + ": " + step)));
          else
            done(std::move(call->reply));
        });
  }

  // The same, and waits.
  template <typename Request, typename Reply>
  Result<Reply> call(std::string step, Method<Request, Reply> method, Request request, Duration within) const {
    return wait_for<Reply>([&](Done<Reply> done) {
      start<Request, Reply>(std::move(step), method, std::move(request), within, std::move(done));
    });
  }

 private:
  void prepare(grpc::ClientContext& context, Duration within) const;
  // Whether there is an answer, of an agent that is still to be heard.
  Status judge(const grpc::Status& status, const grpc::ClientContext& context, Duration within) const;

  AgentAddress address_;
  std::unique_ptr<model::Agent::Stub> stub_;
  pki::PeerCheck* peers_;
};

}  // namespace fracas::controller
