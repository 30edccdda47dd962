#include "controller/world/call_queue.h"

#include <mutex>

namespace fracas::controller {

std::shared_ptr<CallQueue> CallQueue::shared() {
  static std::mutex mutex;
  static std::weak_ptr<CallQueue> current;
  const std::scoped_lock lock(mutex);
  auto queue = current.lock();
  if (!queue) current = queue = std::make_shared<CallQueue>();
  return queue;
}

CallQueue::CallQueue() : thread_([this] { run(); }) {}

CallQueue::~CallQueue() {
  queue_.Shutdown();
  thread_.join();
}

void CallQueue::run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    const std::unique_ptr<PendingCall> call(static_cast<PendingCall*>(tag));
    call->finish();
  }
}

}  // namespace fracas::controller
