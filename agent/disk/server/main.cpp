// fracas-disk: serves one folder through a mount over itself, with the faults its control memory asks for. Started by
// fracas-agent only. SIGTERM: loses what was not synced if the rule says so, unmounts, ends.
#define FUSE_USE_VERSION 312
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "agent/disk/server/files.h"
#include "lib/base/log.h"

namespace {

using namespace fracas;
using namespace fracas::agent;

constexpr int kCouldNotRun = 5;
constexpr int kBadInput = 6;
// A delayed call keeps its thread.
constexpr unsigned kThreadsMax = 128;
constexpr unsigned kIdleThreadsMax = 8;

struct DestroyFuse {
  void operator()(fuse* file_system) const { fuse_destroy(file_system); }
};
struct DestroyLoop {
  void operator()(fuse_loop_config* config) const { fuse_loop_cfg_destroy(config); }
};

void* start_session(fuse_conn_info* /*connection*/, fuse_config* config) {
  config->use_ino = 1;
  config->direct_io = served().control().uncached_reads;
  return &served();
}

int give_up(DiskControl& control, const char* step) {
  const int error = errno != 0 ? errno : EIO;
  log::error("{}: {}", step, std::strerror(error));
  tell(control.fault, HelperState::failed, error);
  return kCouldNotRun;
}

int serve(const char* path, const std::string& owner, DiskControl& control) {
  os::UniqueFd folder(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return give_up(control, "open the folder");
  ServedFolder files(std::move(folder), control);
  fuse_operations operations{};
  operations.init = start_session;
  add_name_operations(operations);
  add_file_operations(operations);
  char name[] = "fracas-disk";
  std::string options = "-oallow_other,default_permissions,subtype=fracas-disk,fsname=" + owner;
  char* argv[] = {name, options.data(), nullptr};
  fuse_args args = FUSE_ARGS_INIT(2, argv);
  errno = 0;
  const std::unique_ptr<fuse, DestroyFuse> file_system(fuse_new(&args, &operations, sizeof operations, &files));
  if (!file_system) return give_up(control, "start FUSE");
  if (fuse_mount(file_system.get(), path) != 0) return give_up(control, "mount (it needs /dev/fuse and CAP_SYS_ADMIN)");
  fuse_session* session = fuse_get_session(file_system.get());
  if (fuse_set_signal_handlers(session) != 0) return give_up(control, "handle signals");
  tell(control.fault, HelperState::ready);
  const std::unique_ptr<fuse_loop_config, DestroyLoop> loop(fuse_loop_cfg_create());
  fuse_loop_cfg_set_max_threads(loop.get(), kThreadsMax);
  fuse_loop_cfg_set_idle_threads(loop.get(), kIdleThreadsMax);
  static_cast<void>(fuse_loop_mt(file_system.get(), loop.get()));
  files.cut_power();
  fuse_remove_signal_handlers(session);
  fuse_unmount(file_system.get());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  ::prctl(PR_SET_NAME, "fracas-disk");
  ::umask(0);
  log::start("fracas-disk", log::Level::info);
  int fd = -1;
  if (argc != 4 || std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), fd).ec != std::errc()) {
    std::fprintf(stderr, "usage: fracas-disk FOLDER DESCRIPTOR OWNER (started by fracas-agent only)\n");
    return kBadInput;
  }
  auto memory = DiskControlMemory::open(os::UniqueFd(fd));
  if (!memory) {
    std::fprintf(stderr, "fracas-disk: %s\n", memory.error().message.c_str());
    return kBadInput;
  }
  return serve(argv[1], argv[3], **memory);
}
