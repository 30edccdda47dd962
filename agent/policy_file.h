#pragma once
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "agent/policy.h"
#include "lib/base/result.h"

namespace fracas::agent {

inline constexpr std::string_view kPolicyFile = "/etc/fracas/policy.toml";

// The host's policy: from `asked`, which must exist, or from kPolicyFile, without which the defaults hold.
// ERRORS: "file:line:column: what", one line a mistake; "file: what" if it cannot be read, or if others than root could
// have written it or put it there.
Result<Policy> load_policy(const std::optional<std::filesystem::path>& asked);

// Pure. `name` stands for the file in places and in the sentences of refusals.
Result<Policy> parse_policy(std::string_view text, const std::string& name);

// Whether only root can write what has this owner and mode. Pure. `what` begins the sentence. A folder may be sticky
// instead, as /tmp is.
Status check_only_root_writes(uid_t owner, mode_t mode, const std::string& what);

}  // namespace fracas::agent
