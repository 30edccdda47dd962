#pragma once
#include "targets/raft/core/message.h"

namespace fracas::raft {

// Adds a leader's append to an earlier one for the same member that has not left yet, where it goes on from it: what a
// turn gathered leaves as one message, which that member answers after one fsync. False: it does not go on from it, or
// the two are too much for one message; both stay as they are. Pure. Source: dissertation, 10.2.1.
bool add_to(AppendRequest& earlier, AppendRequest& later);

}  // namespace fracas::raft
