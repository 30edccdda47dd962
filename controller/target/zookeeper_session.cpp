#include "controller/target/zookeeper_session.h"

#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr int kSessionTimeoutMs = 4000;
constexpr std::int64_t kLookAgainNs = 5'000'000;

void ignore_event(zhandle_t*, int, int, const char*, void*) {}

ZooKeeperSession::Outcome outcome_of(int code) {
  switch (code) {
    case ZOK:
      return ZooKeeperSession::Outcome::done;
    case ZNONODE:
      return ZooKeeperSession::Outcome::no_node;
    case ZNODEEXISTS:
      return ZooKeeperSession::Outcome::exists;
    case ZBADVERSION:
      return ZooKeeperSession::Outcome::other_version;
    default:
      return ZooKeeperSession::Outcome::unknown;
  }
}

}  // namespace

// A request on its way. The library's thread may answer it when nobody waits any more, so both own it.
struct ZooKeeperSession::Pending {
  std::mutex mutex;
  std::condition_variable done;
  bool answered = false;
  Reply reply;

  using Shared = std::shared_ptr<Pending>;

  // Takes back the pointer that ask() gave to the library.
  static void answer(const void* context, int code, const std::function<void(Reply&)>& fill = {}) {
    const std::unique_ptr<const Shared> given(static_cast<const Shared*>(context));
    Pending& pending = **given;
    const std::scoped_lock lock(pending.mutex);
    pending.reply.outcome = outcome_of(code);
    pending.reply.error = zerror(code);
    if (code == ZOK && fill) fill(pending.reply);
    pending.answered = true;
    pending.done.notify_one();
  }
};

ZooKeeperSession::ZooKeeperSession(const std::string& server) {
  zoo_set_debug_level(static_cast<ZooLogLevel>(0));
  handle_ = zookeeper_init(server.c_str(), ignore_event, kSessionTimeoutMs, nullptr, nullptr, 0);
}

ZooKeeperSession::~ZooKeeperSession() {
  if (handle_ != nullptr) zookeeper_close(handle_);
}

ZooKeeperSession::Reply ZooKeeperSession::ask(const std::function<int(void* context)>& begin,
                                              std::int64_t deadline_ns) {
  while (handle_ != nullptr && zoo_state(handle_) != ZOO_CONNECTED_STATE && os::boot_now_ns() < deadline_ns)
    os::sleep_until_boot_ns(os::boot_now_ns() + kLookAgainNs);
  if (handle_ == nullptr || zoo_state(handle_) != ZOO_CONNECTED_STATE)
    return {.outcome = Outcome::refused, .error = "not connected"};
  auto pending = std::make_shared<Pending>();
  auto given = std::make_unique<Pending::Shared>(pending);
  if (const int code = begin(given.get()); code != ZOK) return {.outcome = Outcome::refused, .error = zerror(code)};
  static_cast<void>(given.release());
  std::unique_lock lock(pending->mutex);
  const Duration left(std::max<std::int64_t>(0, deadline_ns - os::boot_now_ns()));
  if (!pending->done.wait_for(lock, left, [&] { return pending->answered; }))
    return {.outcome = Outcome::unknown, .error = "no answer in time"};
  return pending->reply;
}

ZooKeeperSession::Reply ZooKeeperSession::get(const std::string& path, std::int64_t deadline_ns) {
  const data_completion_t completion = [](int code, const char* value, int length, const Stat* stat,
                                          const void* context) {
    Pending::answer(context, code, [&](Reply& reply) {
      reply.value.assign(value, static_cast<std::size_t>(std::max(0, length)));
      reply.version = stat->version;
    });
  };
  return ask([&](void* context) { return zoo_aget(handle_, path.c_str(), 0, completion, context); }, deadline_ns);
}

ZooKeeperSession::Reply ZooKeeperSession::set(const std::string& path, const std::string& value, int version,
                                              std::int64_t deadline_ns) {
  const stat_completion_t completion = [](int code, const Stat*, const void* context) {
    Pending::answer(context, code);
  };
  return ask(
      [&](void* context) {
        return zoo_aset(handle_, path.c_str(), value.data(), static_cast<int>(value.size()), version, completion,
                        context);
      },
      deadline_ns);
}

ZooKeeperSession::Reply ZooKeeperSession::create(const std::string& path, const std::string& value,
                                                 std::int64_t deadline_ns) {
  const string_completion_t completion = [](int code, const char*, const void* context) {
    Pending::answer(context, code);
  };
  return ask(
      [&](void* context) {
        return zoo_acreate(handle_, path.c_str(), value.data(), static_cast<int>(value.size()), &ZOO_OPEN_ACL_UNSAFE, 0,
                           completion, context);
      },
      deadline_ns);
}

ZooKeeperSession::Reply ZooKeeperSession::children(const std::string& path, std::int64_t deadline_ns) {
  const strings_completion_t completion = [](int code, const String_vector* names, const void* context) {
    Pending::answer(context, code,
                    [&](Reply& reply) { reply.children.assign(names->data, names->data + names->count); });
  };
  return ask([&](void* context) { return zoo_aget_children(handle_, path.c_str(), 0, completion, context); },
             deadline_ns);
}

ZooKeeperSession::Reply ZooKeeperSession::sync(const std::string& path, std::int64_t deadline_ns) {
  const string_completion_t completion = [](int code, const char*, const void* context) {
    Pending::answer(context, code);
  };
  return ask([&](void* context) { return zoo_async(handle_, path.c_str(), completion, context); }, deadline_ns);
}

}  // namespace fracas::controller
