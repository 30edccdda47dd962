// What a user has set up on a host for himself, and what every group of faults leaves of it: everything, to the byte.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <google/protobuf/text_format.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sys/syscall.h>

#include "tests/kernel/agent_fixture.h"
#include "tests/kernel/net_pair.h"

namespace fracas::test {
namespace {

// Qdiscs, classes, tc filters, nft tables and iptables rules on the link va, and limited cgroups called $1. What this
// kernel or machine does not offer is left out.
constexpr const char* kInstall = R"(
tc qdisc add dev va root handle 1: htb default 10 && {
  tc class add dev va parent 1: classid 1:10 htb rate 1gbit
  tc class add dev va parent 1: classid 1:20 htb rate 10mbit ceil 20mbit prio 3
  tc qdisc add dev va parent 1:20 handle 20: tbf rate 5mbit burst 10kb latency 50ms
  tc filter add dev va parent 1: protocol ip prio 5 u32 match ip dport 9999 0xffff flowid 1:20
}
tc qdisc add dev va clsact && {
  tc filter add dev va ingress protocol ip prio 7 u32 match ip src 10.99.0.0/16 flowid 1:10
  tc filter add dev va egress prio 9 bpf bytecode '1,6 0 0 0,' flowid 1:10
}
nft add table inet mine
nft 'add set inet mine bad { type ipv4_addr; flags interval; }'
nft add element inet mine bad '{ 10.98.0.0/16 }'
nft 'add chain inet mine in { type filter hook input priority 5; }'
nft add rule inet mine in ip saddr @bad drop
nft 'add chain inet mine out { type filter hook output priority -5; }'
nft add rule inet mine out tcp dport 9998 drop
iptables -w -A INPUT -s 10.97.0.0/16 -j DROP
iptables -w -A OUTPUT -p tcp --dport 9997 -j ACCEPT
ip6tables -w -A OUTPUT -d fd97::/16 -j DROP
for group in /sys/fs/cgroup/{cpu,memory,pids}/"$1" "$2/$1"; do
  [[ -d ${group%/*} ]] && mkdir "$group" || continue
  while read -r limit value; do
    [[ -e $group/$limit ]] && echo "$value" >"$group/$limit"
  done <<<"cpu.cfs_quota_us 70000
    cpu.shares 512
    cpu.max 70000 100000
    memory.limit_in_bytes 536870912
    memory.max 536870912
    pids.max 300"
  echo $$ >"$group/cgroup.procs"
done
exec sleep 1000
)";

// The same in text, without what counts by itself.
constexpr const char* kShow = R"(
tc -d qdisc show
tc -d class show dev va
for place in 'parent 1:' ingress egress; do tc -d filter show dev va $place; done
nft --stateless -a list ruleset
{ iptables-save; ip6tables-save; } | sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]//'
ip -d link show
for group in /sys/fs/cgroup/{cpu,memory,pids}/"$1" "$2/$1"; do
  for limit in cpu.cfs_quota_us cpu.shares cpu.max memory.limit_in_bytes memory.max pids.max cgroup.procs; do
    [[ -e $group/$limit ]] && echo "$group/$limit" $(<"$group/$limit")
  done
done
cat "$2/cgroup.subtree_control"
)";

// The far host: answers on UDP, accepts TCP connections.
constexpr const char* kPeer = R"(
import socket, threading
def echo():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("10.77.0.2", 6000))
    while True: s.sendto(*s.recvfrom(2000))
threading.Thread(target=echo, daemon=True).start()
l = socket.socket(); l.bind(("10.77.0.2", 7000)); l.listen(64)
kept = [l.accept() for _ in range(10 ** 6)]
)";

// The service: sends, asks for names, connects, writes, syncs and reads its clock, and goes on whatever fails.
constexpr const char* kVictim = R"(
import os, socket, struct, time
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.setblocking(False)
query = struct.pack(">HHHHHH", 7, 256, 1, 0, 0, 0) + b"\2db\4test\0" + struct.pack(">HH", 1, 1)
tcp = None
def connect():
    s = socket.socket(); s.settimeout(0.05); s.connect(("10.77.0.2", 7000)); return s
def stay_connected():
    global tcp
    if tcp is None: tcp = connect()
    try: tcp.send(b"x")
    except OSError: tcp = None
def write():
    with open("file", "w") as f: f.write("x" * 100); f.flush(); os.fdatasync(f.fileno())
works = [lambda: udp.sendto(b"x" * 100, ("10.77.0.2", 6000)), lambda: udp.recv(2000), stay_connected,
         lambda: udp.sendto(b"x", ("10.77.0.2", 5999)), lambda: udp.sendto(query, ("10.77.0.2", 53)),
         lambda: connect().close(), write, time.time, lambda: sum(range(20000))]
while True:
    for work in works:
        try: work()
        except OSError: pass
    time.sleep(0.001)
)";

os::Process launch(const os::NetNamespace& netns, const std::vector<std::string>& argv,
                   const std::filesystem::path& output) {
  os::LaunchOptions options;
  options.argv = argv;
  options.output = output;
  options.network_namespace = netns.fd();
  auto process = os::Process::launch(options);
  REQUIRE(process);
  return std::move(*process);
}

// A program that returns `verdict` for every packet.
os::UniqueFd load(bpf_prog_type type, int verdict) {
  const bpf_insn program[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, verdict}, {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  os::UniqueFd fd(::bpf_prog_load(type, "users_own", "GPL", program, std::size(program), nullptr));
  REQUIRE(fd);
  return fd;
}

constexpr std::array<unsigned, 2> kTcxHooks = {46, 47};  // BPF_TCX_INGRESS, BPF_TCX_EGRESS

// A user's set-up in the namespace of an agent.
class Foreign {
 public:
  Foreign(const os::NetNamespace& netns, const std::filesystem::path& folder) : netns_(netns), folder_(folder) {
    install_.emplace(launch(netns_, {"/bin/bash", "-c", kInstall, "install", group_, cgroup2_}, folder / "install"));
    // Its last line of work is the last cgroup.
    REQUIRE(eventually(20s, [this] {
      return os::read_file(std::filesystem::path(cgroup2_) / group_ / "cgroup.procs").value_or("").size() > 1;
    }));
    REQUIRE(netns_.run([this]() -> Status {
      const int ifindex = static_cast<int>(::if_nametoindex("va"));
      const auto xdp = load(BPF_PROG_TYPE_XDP, XDP_PASS);
      if (const int error = ::bpf_xdp_attach(ifindex, xdp.get(), XDP_FLAGS_SKB_MODE, nullptr); error != 0)
        return system_failure("attach XDP", -error);
      for (const unsigned hook : kTcxHooks) attach_tcx(ifindex, hook);
      return {};
    }));
  }
  ~Foreign() {
    static_cast<void>(install_->signal(SIGKILL));
    static_cast<void>(install_->wait_for(5s));
    for (const std::string parent : {"/sys/fs/cgroup/cpu/", "/sys/fs/cgroup/memory/", "/sys/fs/cgroup/pids/"})
      ::rmdir((parent + group_).c_str());
    ::rmdir((cgroup2_ + "/" + group_).c_str());
  }
  Foreign(const Foreign&) = delete;
  Foreign& operator=(const Foreign&) = delete;

  bool has_tcx() const { return !links_.empty(); }
  std::string show() const {
    std::filesystem::remove(folder_ / "show");
    auto shown = launch(netns_, {"/bin/bash", "-c", kShow, "show", group_, cgroup2_}, folder_ / "show");
    REQUIRE(shown.wait_for(20s));
    std::string text = os::read_file(folder_ / "show").value();
    for (const unsigned hook : kTcxHooks) text += programs(hook);
    return text;
  }
  std::string install_errors() const { return os::read_file(folder_ / "install").value_or(""); }

 private:
  // From Linux 6.6 on.
  void attach_tcx(int ifindex, unsigned hook) {
    const auto program = load(BPF_PROG_TYPE_SCHED_CLS, -1);  // TCX_NEXT
    const struct {
      std::uint32_t program_fd, ifindex, attach_type, flags;
      std::uint64_t relative, expected_revision;
    } request = {static_cast<std::uint32_t>(program.get()), static_cast<std::uint32_t>(ifindex), hook, 0, 0, 0};
    os::UniqueFd link(static_cast<int>(::syscall(SYS_bpf, BPF_LINK_CREATE, &request, sizeof request)));
    if (link) links_.push_back(std::move(link));
  }

  // The ids of the TCX programs at a hook, in their order.
  std::string programs(unsigned hook) const {
    std::string text = "tcx " + std::to_string(hook) + ":";
    REQUIRE(netns_.run([&]() -> Status {
      std::array<std::uint32_t, 64> ids{};
      auto count = static_cast<std::uint32_t>(ids.size());
      const int ifindex = static_cast<int>(::if_nametoindex("va"));
      if (::bpf_prog_query(ifindex, static_cast<bpf_attach_type>(hook), 0, nullptr, ids.data(), &count) == 0)
        for (std::uint32_t i = 0; i < count; ++i) text += " " + std::to_string(ids[i]);
      return {};
    }));
    return text + "\n";
  }

  const os::NetNamespace& netns_;
  std::filesystem::path folder_;
  std::string group_ = "fracas-foreign-" + std::to_string(::getpid());
  std::string cgroup2_ = os::Cgroup::mount_point().value().string();
  std::optional<os::Process> install_;
  std::vector<os::UniqueFd> links_;
};

model::Injection injection(const std::string& text) {
  INFO(text);
  model::Injection injection;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &injection));
  return injection;
}

using Group = std::vector<std::string>;

// All of a group act at once.
std::vector<Group> groups() {
  const std::string peer = R"(scope {from: "10.77.0.2" to: "10.77.0.2"} )";
  const std::string service = R"(scope {services: "victim"} )";
  const std::string both = R"(scope {to: "10.77.0.2" services: "victim"} )";
  return {
      {peer + R"(net_partition {flows {ports: "5999"}})", peer + "net_loss {loss: 0.2}",
       peer + "net_delay {delay {nanos: 2000000}}", peer + "net_duplicate {duplicate: 0.3}",
       peer + "net_corrupt {corrupt: 0.2}", peer + "net_reorder {reorder: 0.3 delay {nanos: 1000000}}",
       peer + "net_bandwidth {rate: 1000000}", both + R"(net_dns {names: "*.test" flows {ports: "53"}})"},
      {peer + "net_reset {}", both + "net_connect {}"},
      {service + "process_pause {}"},
      {service + R"(clock_skew {offset: "-90s"})"},
      {service + "clock_drift {ppm: 50000}"},
      {service + "cpu_throttle {cpu: 0.05}"},
      {service + "cpu_stress {workers: 1 load: 0.5}", service + "memory_pressure {size: 16777216}",
       service + "io_stress {workers: 1 size: 65536}", service + "fd_exhaust {spare: 0}",
       service + "pid_exhaust {spare: 0}"},
      {service + R"(syscall_error {calls: "sendto" error: "EIO" share: 0.5})"},
      {service + R"(syscall_delay {calls: "fdatasync" delay {nanos: 5000000} share: 0.5})"},
      {service + "process_kill {restart_after {nanos: 100000000}}"},
      {service + R"(disk_error {files: "*" share: 0.5})"},
      {service + R"(disk_delay {files: "*" delay {nanos: 5000000} share: 0.5})"},
  };
}

void run_group(const AgentFixture& fixture, const Group& group) {
  std::vector<std::string> ids;
  std::int64_t end = 0;
  for (const std::string& text : group) {
    ids.push_back("f" + std::to_string(ids.size()));
    end = fixture.inject(ids.back(), injection(text), 1s, 20s);
  }
  os::sleep_until_boot_ns(end);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    INFO(group[i]);
    const auto ended = fixture.client().revert(ids[i]);
    INFO((ended ? "" : ended.error().message) << "\n" << fixture.log());
    REQUIRE(ended);
    CHECK(ended->counters.affected > 0);
  }
}

}  // namespace

TEST_CASE("agent: a user's qdiscs, filters, tables, programs and limits are the same after every group of faults",
          "[kernel][agent]") {
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces");
  NetPair pair = make_pair();
  AgentFixture fixture(std::move(pair.a));
  auto peer = launch(pair.b, {"/usr/bin/python3", "-c", kPeer}, fixture.folder() / "peer.log");
  const Foreign foreign(fixture.netns(), fixture.folder());
  const std::string before = foreign.show();
  INFO(foreign.install_errors());
  for (const char* word : {"qdisc htb 1:", "qdisc tbf 20:", "class htb 1:20", "u32 chain 0", "bytecode", "@bad drop",
                           "10.97.0.0/16", "fd97::/16", "xdpgeneric", "pids.max 300"}) {
    INFO(word);
    CHECK(before.find(word) != std::string::npos);
  }
  CHECK(foreign.show() == before);

  fixture.start();
  REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
  const auto home = fixture.folder() / "home";  // disk faults cover it, and nothing of the agent's may be in it
  std::filesystem::create_directory(home);
  const auto started = fixture.client().start_service({.name = "victim",
                                                       .argv = {"/usr/bin/python3", "-c", kVictim},
                                                       .working_directory = home.string(),
                                                       .output = (fixture.folder() / "victim.log").string()});
  REQUIRE(started);
  for (const Group& group : groups()) run_group(fixture, group);
  REQUIRE(fixture.agent().signal(SIGTERM));
  REQUIRE(fixture.agent().wait_for(20s));
  CHECK(foreign.show() == before);
  static_cast<void>(peer.signal(SIGKILL));
  static_cast<void>(peer.wait_for(5s));
}

}  // namespace fracas::test
