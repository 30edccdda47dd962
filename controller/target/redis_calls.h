#pragma once
#include <optional>
#include <string>
#include <vector>

#include "controller/target/redis_connection.h"
#include "controller/target/shape.h"
#include "controller/workload/client.h"

// What calls are to Redis, and what its replies mean. Pure. Source: redis.io/commands.
namespace fracas::controller::redis {

// GET and SET, LRANGE and RPUSH, SMEMBERS and SADD, INCRBY, LPOP; a compare-and-set and a drain are scripts (EVAL).
// REQUIRES: a call of a workload of that shape.
std::vector<std::string> command_of(const Call& call, Shape shape);

// An error reply says that nothing was done: a fail.
Answer answer_of(const Call& call, Shape shape, const RedisReply& reply);

// Whether that error means that another node might do it: it is no master, has too few replicas, is loading, …
bool should_ask_another(const RedisReply& error);

// Whom "MOVED 3999 10.77.0.12:7000" names.
std::optional<RedisConnection::Address> moved_to(const RedisReply& error);

// Whether that entry of a Sentinel's "SENTINEL REPLICAS" is a replica it can promote: it answers, and follows its
// master.
bool linked_replica(const RedisReply& entry);

}  // namespace fracas::controller::redis
