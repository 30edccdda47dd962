#pragma once
#include <string>

#include "controller/world/world.h"
#include "tests/bench/closed_loop.h"

// The stores that are compared, each by the protocol that its own clients speak, with 256 bytes to write.
namespace fracas::bench {

// The bundled stores keep numbers, so the bytes are the key's: the same go over the network, into the log and to the
// disk. Reads are linearizable.
StoreClients raft_store(const controller::World& world);
StoreClients quorum_store(const controller::World& world);

// gRPC to the member that leads. Source: etcd's api/etcdserverpb/rpc.proto, KV.Put and KV.Range.
StoreClients etcd_store(const controller::World& world, const std::string& leader);

// Each key at its master; a write is a SET and then WAIT 1.
StoreClients redis_cluster_store(const controller::World& world);

}  // namespace fracas::bench
