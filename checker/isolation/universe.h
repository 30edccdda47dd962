#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checker/isolation/transactions.h"

// A store of which all versions of all keys are known: what transactions read and what they did not can both be told.
// Source: Elle's closed-predicate workload; Adya, "Weak Consistency" (1999), section 3.2, for version sets.
namespace fracas::checker::isolation {

enum class VersionKind : std::uint8_t {
  unborn,   // before anybody wrote the key
  value,    // by an init, a write or an insert
  deleted,  // by a delete
};

struct Version {
  VersionKind kind = VersionKind::unborn;
  Value value;
  std::uint32_t writer = kNone;  // index into Transactions::all; kNone: nobody
  bool initial = false;          // unborn, or by the init: whatever else there is comes later
  bool last = true;              // false: its own transaction wrote the key again
};

// What a predicate says of a version: `true`, [= value] or [mod number rest]. No version that is unborn or deleted
// fits.
struct Predicate {
  enum class Kind : std::uint8_t { all, equals, modulo };
  Kind kind = Kind::all;
  Value value;
  std::int64_t modulus = 1, rest = 0;

  bool fits(const Version& version) const;
};

// One step of a transaction that was answered, in the order of its steps.
struct Look {
  std::uint32_t transaction = 0;
  std::uint32_t key = kNone;  // of a read of one key
  Value value;                // what that returned
  Predicate predicate;        // of a read by a predicate
  Value found;                // what that returned: a map from keys to values; nil: nothing
};

struct Universe {
  Transactions transactions;                   // without micro-operations
  std::vector<std::string> keys;               // as people write them: 3 and "3" are one key
  std::vector<std::vector<Version>> versions;  // by key; of the initial ones, unborn first
  std::vector<std::vector<Version>> failed;    // by key; what failed transactions would have written
  std::vector<Look> looks;

  // Index into `versions` of the key, or kNone: no such version may have been.
  std::uint32_t find(std::uint32_t key, Value value) const;
  std::uint32_t key_of(std::string_view name) const;  // kNone: no such key
  std::string describe(std::uint32_t key, std::uint32_t version) const;
};

// Functions: init, with a map of what there is at first; txn, of the steps ["r" key value], ["w" key value],
// ["insert" key value], ["delete" key] and ["rp" predicate map]. What an init's answer leaves out may be there or not.
// ERRORS: "event N: …" for anything else, or for a value that is written to a key a second time; a history with neither
// an init nor a predicate.
Result<Universe> read_universe(const History& history);

}  // namespace fracas::checker::isolation
