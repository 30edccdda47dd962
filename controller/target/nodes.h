#pragma once
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "controller/target/target.h"
#include "lib/base/quantity.h"

// What the start of every real system is made of: programs that must be there, processes on all hosts, and asking the
// nodes from where clients are.
namespace fracas::controller {

struct Program {
  std::string_view path;
  std::string_view package;  // the Debian package it comes from
};

// ERRORS: "/usr/bin/etcd is missing: install the Debian package etcd-server".
Status need_programs(std::initializer_list<Program> programs);

// The same of files that are no programs.
Status need_files(std::initializer_list<Program> files);

// A command with what its process needs: env(1) and setpriv(1) of every Debian system give it to it, so that a service
// is one argument vector for the agent, for its restarts and for its records.
struct Command {
  std::vector<std::string> argv;                        // argv[0] is an absolute path
  std::map<std::string, std::string> environment = {};  // besides the agent's
  std::string user = {};                                // empty: the agent's, root
};
std::vector<std::string> command_line(const Command& command);

// The hosts that are no spares.
std::vector<Host> nodes_of(const World& world);

// Does `work` for all nodes at once. ERRORS: the first in the order of the nodes.
Status on_nodes(const World& world, const std::function<Status(const Host&)>& work);

// Runs `ask` for all nodes at once, on threads that are where clients are; T() where they cannot get there.
template <typename T>
std::map<std::string, T> ask_nodes(const World& world, const std::function<T(const Host&)>& ask) {
  const std::vector<Host> nodes = nodes_of(world);
  std::map<std::string, T> answers;
  for (const Host& host : nodes) answers[host.name] = T();
  std::vector<std::jthread> askers;
  for (const Host& host : nodes)
    askers.emplace_back([&world, &host, &ask, &answer = answers[host.name]] {
      if (world.join_clients()) answer = ask(host);
    });
  askers.clear();
  return answers;
}

// Of the nodes' opinions who leads: that of more than half of them; else nobody's.
std::string majority_of(const std::map<std::string, std::string>& opinions);

// Why a system does not serve yet.
struct NotReady {
  std::string host;  // the one to blame; empty: nobody alone
  std::string why;
};

// Asks every 50 ms, on a thread that is where clients are, until nothing is missing.
// ERRORS: "SYSTEM does not serve within 10 s: n2: no answer" and the end of that node's log (ETIMEDOUT); `stopping`
// was asked to stop (ECANCELED).
Status wait_until_ready(const TargetStart& start, Duration within, const std::function<std::optional<NotReady>()>& ask);

// Replaces RUN/nodes/HOST/`name`. Returns the path. ERRORS: as open(2).
Result<std::string> write_config(const Host& host, std::string_view name, std::string_view text);

// For servers that refuse to run as root: makes a file or a folder, not what is in it, that user's.
// ERRORS: there is no such user; as chown(2).
Status give_to_user(const std::filesystem::path& path, const std::string& user);

// Runs a program of this machine, where the calling thread is, and waits for its end; its output is appended to `log`.
// ERRORS: it does not start, ends with another code than 0, or not in time, when it is killed: "PROGRAM failed; see
// LOG".
Status run_program(const std::vector<std::string>& argv, const std::filesystem::path& log,
                   std::chrono::milliseconds within);

}  // namespace fracas::controller
