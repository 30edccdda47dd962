#include "agent/disk/file_gate.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "agent/bpf/link.h"
#include "agent/bpf/publish.h"
#include "agent/disk/file_gate.abi.h"
#include "file_gate.skel.h"
#include "lib/os/cgroup.h"
#include "lib/os/fd.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

constexpr int kErrnoMax = 255;

struct DestroyObject {
  void operator()(file_gate_bpf* object) const { file_gate_bpf__destroy(object); }
};
using Object = std::unique_ptr<file_gate_bpf, DestroyObject>;

bool picks(const DiskRule& rule, DiskOperation operation) {
  return std::find(rule.operations.begin(), rule.operations.end(), operation) != rule.operations.end();
}

// Those the rule needs; the one of open(2) always, because it also learns which folder it is about.
std::vector<bpf_program*> programs_for(const DiskRule& rule, const file_gate_bpf& object) {
  const auto& all = object.progs;
  std::vector<bpf_program*> programs = {all.fracas_gate_open};
  if (picks(rule, DiskOperation::open)) {
    programs.push_back(all.fracas_gate_create);
    programs.push_back(all.fracas_gate_mkdir);
  }
  if (picks(rule, DiskOperation::read) || picks(rule, DiskOperation::write))
    programs.push_back(all.fracas_gate_permission);
  if (picks(rule, DiskOperation::write)) {
    programs.push_back(all.fracas_gate_path_truncate);
    if (libbpf_find_vmlinux_btf_id("file_truncate", BPF_LSM_MAC) > 0) programs.push_back(all.fracas_gate_file_truncate);
  }
  if (picks(rule, DiskOperation::rename)) programs.push_back(all.fracas_gate_rename);
  return programs;
}

Status write_rule(fracas_gate_rule& shared, const DiskRule& rule, const fs::path& cgroup) {
  auto mount = os::Cgroup::mount_point();
  if (!mount) return failure(std::move(mount).error());
  const auto place = os::cgroup_place(cgroup, *mount);
  if (!place) return failure(place.error());
  shared.share_per_2_32 = static_cast<__u64>(std::llround(std::ldexp(rule.share, 32)));
  shared.seed = rule.seed;
  shared.cgroup = place->id;
  shared.level = place->level;
  for (const DiskOperation operation : rule.operations) shared.operations |= 1U << static_cast<unsigned>(operation);
  shared.errno_minus_one = static_cast<__u32>(rule.error - 1);
  return {};
}

class FileGate final : public KeptEffect {
 public:
  explicit FileGate(Object object) : object_(std::move(object)) {}
  // Copies of the links may live on elsewhere, so closing ours is not enough.
  ~FileGate() override { publish(shared().end_ns, 0); }

  Status attach(const std::vector<bpf_program*>& programs) {
    for (const bpf_program* program : programs) {
      Link link(bpf_program__attach_lsm(program));
      if (!link) return system_failure(std::string("attach ") + bpf_program__name(program));
      links_.push_back(std::move(link));
    }
    return {};
  }

  // The folder's inode lives, and keeps its address, while its descriptor does.
  Status learn(const fs::path& folder) {
    publish(shared().learner, ::gettid());
    folder_.reset(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    publish(shared().learner, 0);
    if (!folder_) return system_failure("open " + folder.string());
    if (shared().folder != 0) return {};
    return failure("nobody asks BPF programs about files: the kernel's security modules (lsm=) leave out bpf", ENOTSUP);
  }

  std::string mechanism() const override { return "bpf-lsm"; }

  Status arm(const Window& window) override {
    if (reverted_) return failure("a reverted fault cannot be armed");
    if (shared().start_ns != window.start_ns) {
      publish(shared().end_ns, 0);  // no call sees one window's start with another's end
      publish(shared().start_ns, window.start_ns);
    }
    publish(shared().end_ns, window.end_ns);
    return {};
  }

  void renew(std::int64_t lease_end_ns) override { publish(shared().lease_end_ns, lease_end_ns); }

  model::EffectCounters counters() const override {
    const fracas_gate_counts& counted = object_->bss->counts;
    model::EffectCounters counters;
    counters.matched = counted.matched;
    counters.affected = counted.affected;
    counters.first_ns = counted.first_ns;
    counters.last_ns = counted.last_ns;
    return counters;
  }

  Status revert() override {
    publish(shared().end_ns, 0);
    links_.clear();
    folder_.reset();
    reverted_ = true;
    return {};
  }

  std::vector<int> keep_alive_fds() const override {
    std::vector<int> fds = {folder_.get()};
    for (const Link& link : links_) fds.push_back(bpf_link__fd(link.get()));
    return fds;
  }

 private:
  fracas_gate_rule& shared() const { return object_->bss->rule; }

  Object object_;
  os::UniqueFd folder_;
  std::vector<Link> links_;
  bool reverted_ = false;
};

}  // namespace

Status check_file_gate(const DiskRule& rule) {
  const auto cannot = [](const char* why) { return failure(why, ENOTSUP); };
  if (rule.operations.empty() || picks(rule, DiskOperation::fsync)) return cannot("no LSM hook is asked about fsync");
  if (rule.files != "*") return cannot("an LSM program compares no pattern of files");
  if (rule.error < 1 || rule.error > kErrnoMax) return cannot("an LSM program fails calls, with an errno of 1 to 255");
  const bool more = rule.delay.count() > 0 || rule.corrupt || rule.bytes_per_second > 0 || rule.calls_per_second > 0 ||
                    rule.lose_unsynced || rule.free_bytes;
  return more ? cannot("an LSM program can only fail calls") : Status();
}

Result<std::unique_ptr<KeptEffect>> make_file_gate(const DiskRule& rule, const fs::path& folder,
                                                   const fs::path& cgroup) {
  libbpf_set_print(nullptr);
  Object object(file_gate_bpf__open());
  if (!object) return system_failure("open the file gate's BPF object");
  const std::vector<bpf_program*> needed = programs_for(rule, *object);
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object->obj)
      bpf_program__set_autoload(program, std::find(needed.begin(), needed.end(), program) != needed.end());
  if (const int error = file_gate_bpf__load(object.get()); error != 0)
    return system_failure("load the file gate's LSM programs (they need a kernel with BPF LSM that is not locked down)",
                          -error);
  if (auto written = write_rule(object->bss->rule, rule, cgroup); !written) return failure(std::move(written).error());
  auto gate = std::make_unique<FileGate>(std::move(object));
  if (auto attached = gate->attach(needed); !attached) return failure(std::move(attached).error());
  if (auto learned = gate->learn(folder); !learned) return failure(std::move(learned).error());
  return std::unique_ptr<KeptEffect>(std::move(gate));
}

Status probe_file_gate() {
  auto mount = os::Cgroup::mount_point();
  if (!mount) return failure(std::move(mount).error());
  const DiskRule rule{
      .operations = {DiskOperation::open, DiskOperation::read, DiskOperation::write, DiskOperation::rename},
      .error = EIO};
  auto gate = make_file_gate(rule, "/", *mount);
  return gate ? Status() : failure(std::move(gate).error());
}

}  // namespace fracas::agent
