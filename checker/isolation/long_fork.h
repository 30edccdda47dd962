#pragma once
#include "checker/model_kind.h"

namespace fracas::checker::isolation {

// Keys that are each written once, and reads of the same few keys at once: of two such reads, one must have seen all
// that the other saw. Two that each lack a write of the other's are a long fork, which prefix consistency rules out
// (and snapshot isolation with it), parallel snapshot isolation does not. Necessary, not enough. O(n log n).
// Source: Jepsen's long-fork workload; Sovran, Power, Aguilera and Li, "Transactional Storage for Geo-replicated
// Systems" (SOSP 2011).
extern const ModelKind kLongFork;

}  // namespace fracas::checker::isolation
