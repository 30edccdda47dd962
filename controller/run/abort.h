#pragma once
#include <atomic>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

namespace fracas::controller {

// Why a run ends before its time, and the one switch that ends it. The first reason stands. Thread: any.
class Abort {
 public:
  // asked: a person or a bound; lost: an agent or a node could not go on; found: a violation, which is what was wanted;
  // refused: the system was not in the state that the faults were to find it in
  enum class Cause { none, asked, lost, found, refused };

  void find(std::string reason) { set(Cause::found, std::move(reason)); }
  void ask(std::string reason) { set(Cause::asked, std::move(reason)); }
  void refuse(std::string reason) { set(Cause::refused, std::move(reason)); }
  void lose(std::string reason) { set(Cause::lost, std::move(reason)); }

  // A person has no patience left: heal, but collect and report nothing.
  void hurry() { hurried_ = true; }
  bool hurried() const { return hurried_; }

  std::stop_token token() const { return source_.get_token(); }
  bool happened() const { return source_.stop_requested(); }
  Cause cause() const {
    const std::scoped_lock lock(mutex_);
    return cause_;
  }
  std::string reason() const {
    const std::scoped_lock lock(mutex_);
    return reason_;
  }

 private:
  void set(Cause cause, std::string reason) {
    {
      const std::scoped_lock lock(mutex_);
      if (cause_ != Cause::none) return;
      cause_ = cause;
      reason_ = std::move(reason);
    }
    source_.request_stop();
  }

  mutable std::mutex mutex_;
  std::stop_source source_;
  Cause cause_ = Cause::none;
  std::string reason_;
  std::atomic<bool> hurried_ = false;
};

}  // namespace fracas::controller
