#include "agent/bpf/net_program.h"
#include "agent/faults/net_fault.h"
#include "agent/line/delay_line.h"
#include "agent/line/netem_lateness.h"
#include "lib/os/netlink.h"

namespace fracas::agent {
namespace {

constexpr const char* kDropAccuracy =
    "each packet judged in the kernel; windows to the microsecond; a large TCP segment counts as one packet";
constexpr const char* kLineAccuracy =
    "never early; about 0.1 ms late at most on an idle host; order within a flow kept; held in the agent's memory";
constexpr const char* kNetemAccuracy =
    "constant delays alone; not much later than netem itself; order within a flow kept; held in the kernel";

// A classifier on a veth device of a namespace that nobody else sees.
Result<std::string> try_classifier(const os::NetNamespace& netns) {
  auto socket = os::RouteSocket::open_in(netns);
  if (!socket) return failure(std::move(socket).error());
  if (auto made = socket->create_veth({"probe0", nullptr}, {"probe1", nullptr}); !made)
    return failure(std::move(made).error());
  auto link = socket->link("probe0");
  if (!link) return failure(std::move(link).error());
  auto program = NetProgram::load();
  if (!program) return failure(std::move(program).error());
  std::string mechanism;
  auto attached = netns.run([&]() -> Status {
    for (const NetHook hook : {NetHook::ingress, NetHook::egress}) {
      auto attachment = program->attach(hook, link->index);
      if (!attachment) return failure(std::move(attachment).error());
      mechanism = attachment->is_tcx() ? "tcx" : "cls_bpf";
    }
    return {};
  });
  if (!attached) return failure(std::move(attached).error());
  return mechanism;
}

Result<std::string> try_line(const os::NetNamespace& netns) {
  auto line = DelayLine::open(netns, {.keep_alive = [](std::int64_t) {}});
  if (!line) return failure(std::move(line).error());
  return "tap-line";
}

FaultSupport describe(const Result<std::string>& tried, const char* accuracy) {
  if (!tried) return {.missing = tried.error().message};
  return {.available = true, .mechanism = *tried, .accuracy = accuracy};
}

Result<os::NetNamespace> playground() {
  auto netns = os::NetNamespace::create();
  if (!netns) return failure(std::move(netns).error().context("needs CAP_SYS_ADMIN and CAP_NET_ADMIN"));
  return netns;
}

}  // namespace

FaultSupport probe_net_drop() {
  const auto netns = playground();
  return describe(netns ? try_classifier(*netns) : failure(netns.error()), kDropAccuracy);
}

FaultSupport probe_net_line() {
  const auto netns = playground();
  Result<std::string> tried = netns ? try_classifier(*netns) : failure(netns.error());
  if (tried) tried = try_line(*netns);
  return describe(tried, kLineAccuracy);
}

FaultSupport probe_net_delay() {
  const auto netns = playground();
  const Result<std::string> tried = netns ? try_classifier(*netns) : failure(netns.error());
  if (!tried) return describe(tried, kLineAccuracy);
  const auto line = try_line(*netns);
  if (line || !least_netem_lateness()) return describe(line, kLineAccuracy);
  return describe(std::string("netem"), kNetemAccuracy);
}

}  // namespace fracas::agent
