#pragma once
#include <filesystem>
#include <memory>

#include "agent/disk/disk_rule.h"
#include "agent/sockets/kept_effect.h"
#include "lib/base/result.h"

namespace fracas::agent {

// Fails calls on the files below one folder from inside the kernel, by programs that its BPF LSM asks: also on files
// that are open already, without a mount and without a restart of the service.

// Whether a gate does all that the rule asks for. ERRORS: ENOTSUP and what it cannot do: there is nothing to ask about
// fsync, the pattern of files is none it can compare, or the rule does more than fail calls.
Status check_file_gate(const DiskRule& rule);

// Acts on what is in this cgroup or below it, on regular files of the folder's own file system, up to 63 folders deep;
// other processes notice nothing. Reads and writes through mappings that exist pass. What counts as matched are calls
// in scope, as affected those that failed. Window and lease are compared in the kernel, for each call. The folder is
// the one that has this name now; it cannot be unmounted while somebody holds the effect. Mechanism: "bpf-lsm".
// REQUIRES: check_disk_rule, check_file_gate; a folder of a cgroup v2 group, CAP_BPF, CAP_PERFMON. ERRORS: what the
// kernel refuses, with its errno; ENOTSUP its security modules (lsm=) leave out "bpf", so that nobody asks the
// programs. Source: kernel Documentation/bpf/prog_lsm.rst, include/linux/lsm_hook_defs.h.
Result<std::unique_ptr<KeptEffect>> make_file_gate(const DiskRule& rule, const std::filesystem::path& folder,
                                                   const std::filesystem::path& cgroup);

// What keeps gates from working here, tried without one that acts. ERRORS: the missing capability or module.
Status probe_file_gate();

}  // namespace fracas::agent
