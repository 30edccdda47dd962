#pragma once
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "controller/world/agent_client.h"
#include "controller/world/call_queue.h"
#include "controller/world/done.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/agent.grpc.pb.h"
#include "lib/pki/revocations.h"

namespace fracas::controller {

// The channel to one agent and its calls, for agent_client.cpp. It waits for nothing. Thread: any.
class AgentConnection {
 public:
  // One of the agent's calls as gRPC generates it.
  template <typename Request, typename Reply>
  using Method = std::unique_ptr<grpc::ClientAsyncResponseReader<Reply>> (model::Agent::Stub::*)(
      grpc::ClientContext*, const Request&, grpc::CompletionQueue*);

  // `peers`, where there is one, outlives it.
  AgentConnection(AgentAddress address, const Credentials& credentials, pki::PeerCheck* peers);

  const std::string& name() const { return address_.name; }

  // `done` is called once, `within` at the latest, on the thread of the calls' queue; the connection is there until
  // then. ERRORS: as AgentClient says; `step` is in them.
  template <typename Request, typename Reply>
  void start(std::string step, Method<Request, Reply> method, const Request& request, Duration within,
             Done<Reply> done) const {
    auto call = std::make_unique<Call<Reply>>(*this, std::move(step), within, std::move(done));
    Call<Reply>& begun = *call;
    prepare(begun.context, within);
    begun.reader = (stub_.get()->*method)(&begun.context, request, &queue_->queue());
    begun.reader->Finish(&begun.reply, &begun.status, CallQueue::tag_of(std::move(call)));
  }

  // The same, and waits.
  template <typename Request, typename Reply>
  Result<Reply> call(std::string step, Method<Request, Reply> method, const Request& request, Duration within) const {
    return wait_for<Reply>(
        [&](Done<Reply> done) { start<Request, Reply>(std::move(step), method, request, within, std::move(done)); });
  }

 private:
  template <typename Reply>
  struct Call final : PendingCall {
    Call(const AgentConnection& of, std::string what, Duration length, Done<Reply> whom)
        : connection(of), step(std::move(what)), within(length), done(std::move(whom)) {}

    void finish() override {
      if (auto heard = connection.judge(status, context, within); !heard)
        done(failure(std::move(heard).error().context("agent " + connection.name() + ": " + step)));
      else
        done(std::move(reply));
    }

    const AgentConnection& connection;
    std::string step;
    Duration within;
    Done<Reply> done;
    grpc::ClientContext context;
    grpc::Status status;
    Reply reply;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Reply>> reader;
  };

  void prepare(grpc::ClientContext& context, Duration within) const;
  // Whether there is an answer, of an agent that is still to be heard.
  Status judge(const grpc::Status& status, const grpc::ClientContext& context, Duration within) const;

  AgentAddress address_;
  std::shared_ptr<CallQueue> queue_;
  std::unique_ptr<model::Agent::Stub> stub_;
  pki::PeerCheck* peers_;
};

}  // namespace fracas::controller
