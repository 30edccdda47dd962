#pragma once
#include <string>
#include <vector>

#include "lib/base/result.h"

// Our classifier as a cls_bpf filter of a clsact qdisc, for kernels before 6.6. A filter outlives its maker, so it has
// a handle and priority by which it is found again. All in the calling thread's network namespace.
namespace fracas::agent {

// Attaches in front of every other filter. True if the clsact qdisc was made for it. ERRORS: EBUSY when the interface
// has a plain ingress qdisc: clsact cannot be added, and the kernel would put an egress filter on the ingress side in
// silence.
Result<bool> attach_filter(int program_fd, int ifindex, bool egress);
void detach_filter(int ifindex, bool egress);
// Others' filters keep it.
void delete_clsact_if_empty(int ifindex);
// The name of our program in that place; empty if there is none of ours.
std::string filter_program_name(int ifindex, bool egress);

}  // namespace fracas::agent
