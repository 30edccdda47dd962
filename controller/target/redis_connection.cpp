#include "controller/target/redis_connection.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

timeval to_timeval(Duration duration) {
  const auto us = std::max<std::int64_t>(1000, duration.count() / 1000);
  return {.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
}

RedisReply read(const redisReply& raw) {
  RedisReply reply;
  switch (raw.type) {
    case REDIS_REPLY_NIL:
      break;
    case REDIS_REPLY_INTEGER:
      reply.kind = RedisReply::Kind::text;
      reply.text = std::to_string(raw.integer);
      break;
    case REDIS_REPLY_ERROR:
      reply.kind = RedisReply::Kind::error;
      reply.text.assign(raw.str, raw.len);
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = RedisReply::Kind::list;
      for (std::size_t i = 0; i < raw.elements; ++i) reply.list.push_back(read(*raw.element[i]));
      break;
    default:
      reply.kind = RedisReply::Kind::text;
      if (raw.str != nullptr) reply.text.assign(raw.str, raw.len);
  }
  return reply;
}

}  // namespace

std::int64_t RedisReply::number() const {
  return std::strtoll(text.c_str(), nullptr, 10);
}

std::vector<std::int64_t> RedisReply::numbers() const {
  std::vector<std::int64_t> found;
  for (const RedisReply& item : list) found.push_back(item.number());
  return found;
}

void RedisConnection::Free::operator()(redisContext* context) const {
  redisFree(context);
}

RedisConnection::RedisConnection(Address address) : address_(std::move(address)) {}
RedisConnection::RedisConnection(RedisConnection&&) noexcept = default;
RedisConnection& RedisConnection::operator=(RedisConnection&&) noexcept = default;
RedisConnection::~RedisConnection() = default;

Result<RedisReply> RedisConnection::command(const std::vector<std::string>& words, Duration timeout) {
  const std::int64_t deadline_ns = os::boot_now_ns() + timeout.count();
  if (!context_) {
    context_.reset(redisConnectWithTimeout(address_.host.c_str(), address_.port, to_timeval(timeout)));
    if (!context_ || context_->err != 0) {
      const std::string why = context_ ? context_->errstr : "no memory";
      context_.reset();
      return failure("connect: " + why, ECONNREFUSED);
    }
  }
  const Duration left(deadline_ns - os::boot_now_ns());
  if (left <= Duration::zero()) return failure("no time left", ECONNREFUSED);
  static_cast<void>(redisSetTimeout(context_.get(), to_timeval(left)));
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(
      redisCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), lengths.data())));
  if (reply) return read(*reply);
  const std::string why = context_->err == REDIS_ERR_IO ? "no answer in time" : context_->errstr;
  context_.reset();
  return failure(why, ETIMEDOUT);
}

}  // namespace fracas::controller
