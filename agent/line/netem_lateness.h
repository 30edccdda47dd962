#pragma once
#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::agent {

// How much longer than asked this kernel's netem holds a packet at least: its timer wakes late, and what sends the
// packet runs after that. Measured with frames of our own, one after the other, over a veth pair in a namespace that
// nobody else sees; the least late one counts, because a busy processor makes them later. Takes some 30 ms. At most
// 1 ms; nothing if no frame comes through. ERRORS: ENOENT the kernel lacks sch_netem; EPERM.
Result<Duration> least_netem_lateness();

}  // namespace fracas::agent
