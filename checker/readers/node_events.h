#pragma once
#include <vector>

#include "checker/readers/format.h"
#include "checker/readers/reading.h"
#include "lib/model/node_event.h"

// What the nodes of a Raft cluster said of themselves: not what clients saw.
namespace fracas::checker {

// One list of events a node, in the order of the text; times grow strictly over all nodes, so that a merge by time
// gives the text's order again; of our own lines only where the text is in the order of time: one node's events after
// another's keep the times they have.
using NodeLists = std::vector<std::vector<model::NodeEvent>>;

// Whether files of this format tell of nodes: read_nodes() reads them, and read_history() the others.
bool tells_of_nodes(Format format);

// node-events: our own lines (lib/model/node_event.h), of one node or of several.
// raft-trace: etcd's tracer of Raft's state, one JSON object a line. Its states become starts, roles, votes and commits
// where they differ from the node's state before, and entries without a term: they are not in such a trace.
// ERRORS: as for read_history.
Result<NodeLists> read_nodes(const Text& text, Format format);

}  // namespace fracas::checker
