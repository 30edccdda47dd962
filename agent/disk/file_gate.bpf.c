// disk.error: fails calls of one service on the files below one folder, also on files that are open already. Asked by
// the kernel before every such call of the host, so what is not concerned leaves at once. In doubt the call goes on.
#include <linux/bpf.h>
#include <linux/stat.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "agent/bpf/net.logic.h"
#include "agent/disk/file_gate.abi.h"

char LICENSE[] SEC("license") = "GPL";

/* Source: include/linux/fs.h. */
#define MAY_WRITE 0x2
#define MAY_READ 0x4
#define FMODE_CREATED 0x100000

// What is read of the kernel's own structures, wherever its fields are in this kernel.
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct inode {
  unsigned short i_mode;
};
struct dentry {
  struct dentry* d_parent;
  struct inode* d_inode;
};
struct path {
  struct dentry* dentry;
};
struct file {
  struct path f_path;
  struct inode* f_inode;
  unsigned int f_mode;
};
#pragma clang attribute pop

// Mapped into the agent's memory.
struct fracas_gate_rule rule;
struct fracas_gate_counts counts;

static __always_inline int acts(__s64 now_ns) {
  return fracas_net_in_window(rule.start_ns, rule.end_ns, now_ns) && now_ns < rule.lease_end_ns;
}

static __always_inline int concerns(int operation) {
  if (rule.end_ns == 0 || !((rule.operations >> operation) & 1)) return 0;
  return bpf_get_current_ancestor_cgroup_id((int)rule.level) == rule.cgroup;
}

static __always_inline int is_below_folder(struct dentry* entry) {
  for (int i = 0; i < FRACAS_GATE_DEPTH; i++) {
    struct dentry* parent = entry->d_parent;
    if (parent == entry) return 0;
    if ((__u64)parent->d_inode == rule.folder) return 1;
    entry = parent;
  }
  return 0;
}

// Below a stacked file system the same call is asked about once more, with the inode of the layer: that one is passed.
static __always_inline int is_file_of_its_name(struct file* file) {
  struct inode* inode = file->f_inode;
  return inode == file->f_path.dentry->d_inode && (inode->i_mode & S_IFMT) == S_IFREG;
}

static __always_inline int draw(void) {
  if (rule.share_per_2_32 >> 32) return 1;
  return fracas_net_hits(rule.seed, __sync_fetch_and_add(&rule.drawn, 1), rule.share_per_2_32);
}

// Decides and counts; REQUIRES: concerns(). Returns what the call answers: 0 or -errno.
static __always_inline int judge(struct dentry* entry) {
  __s64 now_ns = (__s64)bpf_ktime_get_boot_ns();
  if (rule.folder == 0 || !acts(now_ns) || !is_below_folder(entry)) return 0;
  __sync_fetch_and_add(&counts.matched, 1);
  if (!draw()) return 0;
  if (counts.first_ns == 0) counts.first_ns = now_ns;
  counts.last_ns = now_ns;
  __sync_fetch_and_add(&counts.affected, 1);
  // -errno, in a form whose range the kernel's verifier can follow: it refuses what may be more than an errno.
  return ~(int)(rule.errno_minus_one & 0xff);
}

static __always_inline int judge_file(struct file* file, int operation) {
  return concerns(operation) && is_file_of_its_name(file) ? judge(file->f_path.dentry) : 0;
}

SEC("lsm/file_open")
int fracas_gate_open(__u64* arguments) {
  struct file* file = (struct file*)arguments[0];
  if (rule.learner != 0 && rule.learner == (__u32)bpf_get_current_pid_tgid()) {
    rule.folder = (__u64)file->f_inode;
    rule.learner = 0;
    return 0;
  }
  // A file that this very open(2) made was asked about when it was made.
  if (file->f_mode & FMODE_CREATED) return 0;
  return judge_file(file, FRACAS_GATE_OPEN);
}

// open(2) or creat(2) of a file that is not there.
SEC("lsm/inode_create")
int fracas_gate_create(__u64* arguments) {
  return concerns(FRACAS_GATE_OPEN) ? judge((struct dentry*)arguments[1]) : 0;
}

SEC("lsm/inode_mkdir")
int fracas_gate_mkdir(__u64* arguments) {
  return concerns(FRACAS_GATE_OPEN) ? judge((struct dentry*)arguments[1]) : 0;
}

// Every read and write, of whatever system call or ring, and fallocate(2).
SEC("lsm/file_permission")
int fracas_gate_permission(__u64* arguments) {
  int mask = (int)arguments[1];
  if (mask & MAY_WRITE) return judge_file((struct file*)arguments[0], FRACAS_GATE_WRITE);
  return mask & MAY_READ ? judge_file((struct file*)arguments[0], FRACAS_GATE_READ) : 0;
}

// truncate(2) by name; before Linux 6.2 ftruncate(2) too.
SEC("lsm/path_truncate")
int fracas_gate_path_truncate(__u64* arguments) {
  return concerns(FRACAS_GATE_WRITE) ? judge(((struct path*)arguments[0])->dentry) : 0;
}

// ftruncate(2) from Linux 6.2 on.
SEC("lsm/file_truncate")
int fracas_gate_file_truncate(__u64* arguments) {
  return concerns(FRACAS_GATE_WRITE) ? judge(((struct file*)arguments[0])->f_path.dentry) : 0;
}

SEC("lsm/inode_rename")
int fracas_gate_rename(__u64* arguments) {
  return concerns(FRACAS_GATE_RENAME) ? judge((struct dentry*)arguments[1]) : 0;
}
