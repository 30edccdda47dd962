#pragma once
#include <string>
#include <vector>

#include "checker/weak/memory.h"

// The four guarantees of one session, as far as reads can show them. Source: Terry, Demers, Petersen, Spreitzer,
// Theimer and Welch, "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994). Their sets of writes are
// what a session's reads prove to have been there; of two writes to a key, the one that the guarantee itself orders
// last wins.
namespace fracas::checker::weak {

// Why a guarantee does not hold: few accesses, in any order; none: it holds, unless it took too much memory.
struct Breach {
  std::vector<std::uint32_t> accesses;
  std::string sentence;  // "c1 read x = 3 after its own write of 4"
  bool too_large = false;
};

// A process does not read what its own later write replaced, or the initial value after writing the key.
Breach find_unread_own_write(const History& history, const Memory& memory);
// A process does not go back to a value of a key that it had seen replaced, or to the initial one.
Breach find_read_going_back(const History& history, const Memory& memory);
// Who has seen a write does not miss the earlier writes of the same process.
Breach find_write_out_of_order(const History& history, const Memory& memory, const Writers& writers);
// Who has seen a write does not miss what its process had read before it, what the writer of that had read, and so on.
// `bytes`: that clocks may use; processes times reads times eight.
Breach find_write_before_its_reads(const History& history, const Memory& memory, std::size_t bytes);

// "c1's read x 3", for sentences; the key only where there is one.
std::string describe_access(const History& history, const Access& access);

}  // namespace fracas::checker::weak
