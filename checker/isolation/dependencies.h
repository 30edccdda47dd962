#pragma once
#include <string>

#include "checker/isolation/assumptions.h"
#include "checker/isolation/findings.h"
#include "checker/isolation/graph.h"
#include "checker/isolation/transactions.h"

namespace fracas::checker::isolation {

// The names that a sentence gives to two transactions.
struct PairNames {
  std::string_view from, to;
};

// "internal" of both dialects: reads that contradict what their own transaction did before.
void find_internal(const Transactions& transactions, Sightings& sightings);

// Does the transaction write the key?
bool writes_key(const Transactions& transactions, std::uint32_t transaction, std::uint32_t key);

// Version orders of lists, from the reads' prefixes: the longest read of a key is the order of its elements, and every
// acknowledged append that it lacks comes later. The analysis is exact: a graph without a cycle has an order of all
// transactions that explains every read. Source: Kingsbury and Alvaro, "Elle" (2020), section 4.
class ListOrders {
 public:
  // Adds the ww, wr and rw edges. REQUIRES: `transactions` and `writes` outlive it.
  ListOrders(const Transactions& transactions, const WriteIndex& writes, const Assumptions& assumptions, Graph& graph,
             Sightings& sightings);

  // Why the edge is there: "T1 read x = [1], which lacks the 2 that T2 appended".
  std::string explain(const CycleStep& step, std::uint32_t to, const PairNames& names) const;
  // Lists order nothing but what transactions do.
  bool any() const { return false; }

 private:
  struct Group;
  class KeyPass;
  std::size_t position(std::uint32_t key, Value element) const;  // in the longest read; its size: not there

  const Transactions& transactions_;
  std::vector<Value> longest_;  // by key; nil: only empty lists were read, or none
};

// Version orders of registers, from what the assumptions allow. Not complete: versions may stay unordered, and a
// violation unseen.
class RegisterOrders {
 public:
  RegisterOrders(const Transactions& transactions, const WriteIndex& writes, const Assumptions& assumptions,
                 Graph& graph, Sightings& sightings);
  std::string explain(const CycleStep& step, std::uint32_t to, const PairNames& names) const;
  // Is any version known to come before another?
  bool any() const { return !versions_.empty(); }

 private:
  // Why one version comes before another.
  enum class Reason : std::uint8_t { initial, write_follows_read, session, real_time, told, seen };
  struct VersionEdge {
    std::uint32_t from = kNone, to = 0;  // writes, as indexes into micros; from kNone: the initial value
    Reason reason = Reason::initial;
    std::uint32_t key = 0;
    Value unwritten;  // where `from` is a value that nobody wrote
  };
  // Two writes of a key whose transactions met at another key: the second's read what the first's had written there.
  struct Met {
    std::uint32_t key = 0, before = 0, after = 0;  // the writes as indexes into micros
  };
  class KeyPass;

  void collect_met();
  std::uint32_t index_of(const Micro& micro) const {
    return static_cast<std::uint32_t>(&micro - transactions_.micros.data());
  }

  const Transactions& transactions_;
  const WriteIndex& writes_;
  LargeVector<std::uint32_t> sources_;  // by micro-operation: of a read from another transaction, its write, if any
  LargeVector<Met> met_;                // by key
  std::vector<VersionEdge> versions_;   // by key
};

}  // namespace fracas::checker::isolation
