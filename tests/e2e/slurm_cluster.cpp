#include "tests/e2e/slurm_cluster.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/catch/catch.h"
#include "tests/e2e/program.h"

namespace fracas::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kHosts = 3;

template <typename Condition>
bool wait_for(const Condition& condition) {
  for (int i = 0; i < 300; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(200));
  }
  return false;
}

controller::LabPlan plan_in(const fs::path& folder) {
  auto plan = controller::plan_lab({.nodes = kHosts}, "0e2e51a3", folder);
  if (!plan) throw std::runtime_error(plan.error().message);
  return *std::move(plan);
}

// What the hosts know each other by.
void write_key(const fs::path& key) {
  std::array<char, 128> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("getrandom failed");
  std::ofstream(key, std::ios::binary).write(bytes.data(), bytes.size());
  fs::permissions(key, fs::perms::owner_read);
}

}  // namespace

std::string SlurmCluster::missing() {
  for (const char* program : {"/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/sbin/munged", "/usr/bin/sbatch"})
    if (!fs::exists(program)) return fmt::format("no {}: apt-get install slurm-wlm munge", program);
  return ::geteuid() == 0 ? "" : "needs root";
}

SlurmCluster::SlurmCluster(const fs::path& folder) : folder_(folder) {
  auto network = controller::make_lab_network(plan_in(folder));
  if (!network) throw std::runtime_error(network.error().message);
  network_ = *std::move(network);
  fs::create_directories(folder_ / "munge");
  fs::permissions(folder_ / "munge", fs::perms::owner_all);
  fs::create_directories(folder_ / "state");
  write_key(folder_ / "munge/key");
  write_configuration();
  ::setenv("SLURM_CONF", (folder_ / "slurm.conf").c_str(), 1);
  const std::string munge = (folder_ / "munge/").string();
  start({"/usr/sbin/munged", "--foreground", "--force", "--num-threads=2", "--key-file=" + munge + "key",
         "--socket=" + munge + "socket", "--pid-file=" + munge + "pid", "--log-file=" + munge + "log",
         "--seed-file=" + munge + "seed"},
        -1, "munged");
  REQUIRE(wait_for([&] { return fs::exists(munge + "socket"); }));
  start({"/usr/sbin/slurmctld", "-D"}, network_->clients.fd(), "slurmctld");
  for (std::size_t i = 0; i < kHosts; ++i)
    start({"/usr/sbin/slurmd", "-D", "-N", fmt::format("n{}", i + 1)}, network_->hosts[i].fd(),
          fmt::format("slurmd-n{}", i + 1));
  const bool idle = wait_for([this] { return all_idle(); });
  INFO(content(folder_ / "slurmctld.log"));
  REQUIRE(idle);
}

SlurmCluster::~SlurmCluster() {
  ::unsetenv("SLURM_CONF");
  for (std::size_t i = 0; i < kHosts; ++i) kill_host(i);
  for (os::Process& daemon : daemons_) static_cast<void>(daemon.signal(SIGKILL));
  for (os::Process& daemon : daemons_) static_cast<void>(daemon.wait_for(seconds(5)));
}

bool SlurmCluster::wait_for_task(std::size_t host) const {
  const auto inode = network_->hosts[host].inode();
  return inode && wait_for([&] {
           for (const auto& member : controller::namespace_members({*inode}))
             if (content(fmt::format("/proc/{}/cmdline", member.pid)).find("--share") != std::string::npos) return true;
           return false;
         });
}

void SlurmCluster::kill_host(std::size_t host) {
  const auto inode = network_->hosts[host].inode();
  if (!inode) return;
  for (const auto& member : controller::namespace_members({*inode})) ::kill(member.pid, SIGKILL);
}

void SlurmCluster::start(const std::vector<std::string>& argv, int network_namespace, const std::string& log) {
  os::LaunchOptions options;
  options.argv = argv;
  options.network_namespace = network_namespace;
  options.output = folder_ / (log + ".out");
  auto process = os::Process::launch(options);
  if (!process) throw std::runtime_error(process.error().message);
  daemons_.push_back(*std::move(process));
}

// Source: slurm.conf(5). All hosts say the machine's name of themselves; a task whose host died is not run again by
// Slurm, so that it is lost.
void SlurmCluster::write_configuration() const {
  std::array<char, 256> machine{};
  ::gethostname(machine.data(), machine.size() - 1);
  const controller::LabPlan plan = plan_in(folder_);
  std::string text = fmt::format(
      "ClusterName=e2e\nSlurmctldHost={0}({1})\nAuthType=auth/munge\nCryptoType=crypto/munge\n"
      "AuthInfo=socket={2}/munge/socket\nSlurmUser=root\nSlurmdUser=root\nStateSaveLocation={2}/state\n"
      "SlurmdSpoolDir={2}/spool-%n\nSlurmctldPidFile={2}/slurmctld.pid\nSlurmdPidFile={2}/slurmd-%n.pid\n"
      "SlurmctldLogFile={2}/slurmctld.log\nSlurmdLogFile={2}/slurmd-%n.log\nProctrackType=proctrack/linuxproc\n"
      "TaskPlugin=task/none\nSelectType=select/cons_tres\nSelectTypeParameters=CR_Core\nMpiDefault=none\n"
      "SlurmdTimeout=5\nJobRequeue=0\nMailProg=/bin/true\nAccountingStorageType=accounting_storage/none\n"
      "JobAcctGatherType=jobacct_gather/none\nPartitionName=all Nodes=n1,n2,n3 Default=YES State=UP\n",
      machine.data(), plan.clients.ipv4, folder_.string());
  for (const controller::LabHostPlan& host : plan.hosts) {
    text +=
        fmt::format("NodeName={} NodeHostname={} NodeAddr={} CPUs=1\n", host.name, machine.data(), host.address.ipv4);
    fs::create_directories(folder_ / ("spool-" + host.name));
  }
  std::ofstream(folder_ / "slurm.conf") << text;
  std::ofstream(folder_ / "cgroup.conf") << "CgroupPlugin=cgroup/v1\n";
}

bool SlurmCluster::all_idle() const {
  os::LaunchOptions options;
  options.argv = {"/usr/bin/sinfo", "--noheader", "--format=%T %D"};
  options.network_namespace = network_->clients.fd();
  options.output = folder_ / "sinfo.out";
  std::error_code ignored;
  fs::remove(options.output, ignored);
  auto process = os::Process::launch(options);
  if (!process || !process->wait_for(seconds(10))) return false;
  return content(options.output).find(fmt::format("idle {}", kHosts)) != std::string::npos;
}

}  // namespace fracas::test
