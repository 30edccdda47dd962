#pragma once
#include <optional>
#include <string>

#include "controller/target/shape.h"
#include "controller/workload/client.h"

// etcd's API v3 as JSON over HTTP: what is asked, and what the answers mean. Pure.
// Source: etcd 3.4, Documentation/dev-guide/api_grpc_gateway.md and api/etcdserverpb/rpc.proto.
namespace fracas::controller::etcd {

struct Request {
  std::string path;  // "/v3/kv/put"
  std::string body;
};

// The one request that a call is. Elements of sets are keys of their own, "k7/3", below the set's, so that an add is
// one put and a read one range; lists are a text of numbers. Nothing for appends, which take two: list_read and
// list_write.
std::optional<Request> request_of(const Call& call, Shape shape, bool serializable);

// The history's answer to a reply with status 200: an info if it is none of etcd's.
Answer answer_of(const Call& call, Shape shape, const std::string& body);

// Whether an error of the server says for certain that nothing was done, nor will be.
bool is_definite(long status, const std::string& body);
std::string error_text(const std::string& body);

// A list with the revision it was read at, as one key's text: "1 2 3".
struct ListRead {
  std::vector<std::int64_t> list;
  std::string revision;  // 0: the key does not exist
};
Request list_read(const std::string& key);
std::optional<ListRead> list_of(const std::string& body);
// Writes the list if nobody wrote the key since that revision; `succeeded` tells of the reply.
Request list_write(const std::string& key, const ListRead& list);
bool succeeded(const std::string& body);

// The member that leads and the one that answered, of POST /v3/maintenance/status; empty where there is none.
struct Leadership {
  std::string leader;
  std::string member;
};
Leadership leadership_of(const std::string& body);

}  // namespace fracas::controller::etcd
