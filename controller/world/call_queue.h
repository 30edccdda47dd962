#pragma once
#include <grpcpp/grpcpp.h>

#include <memory>
#include <thread>

namespace fracas::controller {

// A call on its way.
class PendingCall {
 public:
  PendingCall() = default;
  PendingCall(const PendingCall&) = delete;
  PendingCall& operator=(const PendingCall&) = delete;
  virtual ~PendingCall() = default;
  virtual void finish() = 0;
};

// Where gRPC puts the calls that are over, and the thread that finishes them. The thread also moves on the handshakes
// of channels on which nobody calls at the moment. gRPC has queues of its own for calls with callbacks, but they do not
// stand that the last channel goes while another one comes. Thread: any.
class CallQueue {
 public:
  // The one of this program: made when it is first asked for, ended when its last user lets go of it, not in finish().
  static std::shared_ptr<CallQueue> shared();

  CallQueue();
  // Waits for the calls that are under way.
  ~CallQueue();

  grpc::CompletionQueue& queue() { return queue_; }
  // The tag under which a call is to be put into the queue, which finishes and deletes it.
  static void* tag_of(std::unique_ptr<PendingCall> call) { return call.release(); }

 private:
  void run();

  grpc::CompletionQueue queue_;
  std::jthread thread_;
};

}  // namespace fracas::controller
