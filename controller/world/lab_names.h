#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "controller/world/lab_plan.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"
#include "lib/os/netns.h"

namespace fracas::controller {

// "10.77.0.1:53": where a lab's hosts ask for names.
std::string resolver_endpoint(const LabPlan& plan);
// "n1.lab".
std::string host_name(std::string_view host);

using HostNames = std::map<std::string, LabAddress>;  // by name, in lower case

// The answer to one DNS query: the addresses of a known name to A and AAAA, to be kept for no time at all; else that
// there is no such name, or no record of that type. Nothing to what is no query with one question. Pure.
// Source: RFC 1035, 4.1.
std::optional<std::vector<std::byte>> answer_query(std::span<const std::byte> query, const HostNames& names);

// A lab's DNS server, on UDP beside the clients: a thread of its own, from `start` to the end.
class LabNames {
 public:
  // ERRORS: the socket's.
  static Result<std::unique_ptr<LabNames>> start(const LabPlan& plan, const os::NetNamespace& clients);
  ~LabNames();

 private:
  LabNames(os::UniqueFd socket, os::UniqueFd stop, HostNames names);
  void serve() const;

  const os::UniqueFd socket_;
  const os::UniqueFd stop_;
  const HostNames names_;
  std::jthread thread_;
};

}  // namespace fracas::controller
