#include "controller/cli/signals.h"

#include <csignal>
#include <ctime>

#include "lib/os/signals.h"

namespace fracas::controller {
Signals::Signals() {
  const sigset_t set = os::ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = std::jthread([this](const std::stop_token& stopping) { wait(stopping); });
}

Signals::~Signals() = default;

void Signals::aim(Abort* abort) {
  const std::scoped_lock lock(mutex_);
  abort_ = abort;
}

void Signals::wait(const std::stop_token& stopping) {
  const sigset_t set = os::ending_signals();
  while (!stopping.stop_requested()) {
    const timespec patience{.tv_sec = 0, .tv_nsec = 200'000'000};
    const int number = ::sigtimedwait(&set, nullptr, &patience);
    if (number < 0) continue;
    const std::scoped_lock lock(mutex_);
    if (abort_ && caught_) abort_->hurry();
    caught_ = true;
    const char* name = number == SIGINT ? "SIGINT" : number == SIGTERM ? "SIGTERM" : "SIGHUP";
    if (abort_) abort_->ask(std::string("stopped by ") + name);
  }
}

}  // namespace fracas::controller
