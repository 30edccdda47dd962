#pragma once
#include <string>

#include "controller/target/amqp_connection.h"
#include "controller/workload/client.h"

// What RabbitMQ's answers mean. Pure.
namespace fracas::controller::rabbitmq {

// REQUIRES: an enqueue, a dequeue or a drain.
Answer answer_of(const Call& call, const AmqpConnection::Reply& reply);

// Of GET /api/nodes: how many servers run, as the one that was asked sees it; 0 where it is no such answer.
std::size_t running_in(const std::string& body);

// Of GET /api/queues/%2F/QUEUE: the server that leads it, "rabbit@10.77.0.11", and how many have a copy that is up to
// date.
struct QueueState {
  std::string leader;  // empty: nobody, or it is no such answer
  std::size_t copies = 0;
};
QueueState queue_state(const std::string& body);

}  // namespace fracas::controller::rabbitmq
