#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

struct redisContext;

namespace fracas::controller {

// A reply of Redis: a text (also of a number), a list of replies, nothing, or an error.
struct RedisReply {
  enum class Kind : std::uint8_t { text, list, nothing, error } kind = Kind::nothing;
  std::string text;
  std::vector<RedisReply> list;

  std::int64_t number() const;                // of a text; 0 where it is none
  std::vector<std::int64_t> numbers() const;  // of a list of them
};

// A connection to one Redis or Sentinel, made at the first command. Thread: one.
class RedisConnection {
 public:
  struct Address {
    std::string host;
    int port = 6379;
    bool operator==(const Address&) const = default;
  };
  explicit RedisConnection(Address address);
  RedisConnection(RedisConnection&&) noexcept;
  RedisConnection& operator=(RedisConnection&&) noexcept;
  ~RedisConnection();

  // Waits for the reply, at most `timeout`. ERRORS: ECONNREFUSED where the command did not leave, for any reason;
  // else it may have been done. Afterwards the next command connects anew.
  Result<RedisReply> command(const std::vector<std::string>& words, Duration timeout);
  const Address& address() const { return address_; }

 private:
  struct Free {
    void operator()(redisContext* context) const;
  };
  Address address_;
  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace fracas::controller
