#include "tests/e2e/controller.h"

#include <fmt/format.h>
#include <httplib.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "lib/os/cgroup.h"

namespace fracas::test {
namespace {

std::string folder(const Scratch& scratch) {
  return (scratch.path() / "controller").string();
}

std::vector<std::string> words_of_serve(const Scratch& scratch, const std::vector<std::string>& further) {
  std::vector<std::string> words{"serve", "--listen", "127.0.0.1:0", "--state", folder(scratch)};
  words.insert(words.end(), further.begin(), further.end());
  return words;
}

// The port in "fracas serves http://127.0.0.1:43211"; 0 while it is not said.
int port_said(const std::string& output) {
  const std::string mark = "://127.0.0.1:";
  const std::size_t at = output.find(mark);
  if (at == std::string::npos || output.find('\n', at) == std::string::npos) return 0;
  return std::stoi(output.substr(at + mark.size()));
}

// The one word that is a token, among what is told of it.
std::string token_in(const std::string& output) {
  std::istringstream words(output);
  for (std::string word; words >> word;)
    if (word.size() == 64 && word.find_first_not_of("0123456789abcdef") == std::string::npos) return word;
  throw std::runtime_error("no token in: " + output);
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

void add_processes(const Scratch& scratch, pid_t but, std::vector<std::string>& left) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string pid = entry.path().filename().string();
    if (!is_number(pid) || std::stol(pid) == but || std::stol(pid) == ::getpid()) continue;
    if (content(entry.path() / "environ").find("FRACAS_STATE=" + scratch.state()) == std::string::npos) continue;
    left.push_back("process " + pid + " " + content(entry.path() / "comm"));
  }
}

// The ids in "lab 3f2a91c0 is up", of all runs.
std::set<std::string> labs_told(const Scratch& scratch) {
  std::set<std::string> labs;
  std::error_code none;
  for (const auto& job : std::filesystem::directory_iterator(scratch.path() / "controller/jobs", none)) {
    const std::string events = content(job.path() / "events.jsonl");
    const std::string mark = "\"lab ";
    for (std::size_t at = events.find(mark); at != std::string::npos; at = events.find(mark, at + 1))
      labs.insert(events.substr(at + mark.size(), 8));
  }
  return labs;
}

std::vector<std::string> remains_now(const Scratch& scratch, pid_t but) {
  std::vector<std::string> left;
  add_processes(scratch, but, left);
  std::error_code none;
  for (const auto& lab : std::filesystem::directory_iterator(scratch.path() / "state/labs", none))
    left.push_back("record " + lab.path().string());
  const auto mount = os::Cgroup::mount_point();
  if (!mount) return left;
  for (const std::string& lab : labs_told(scratch))
    for (const auto& cgroup : std::filesystem::directory_iterator(*mount / "fracas", none))
      if (cgroup.path().string().find(lab) != std::string::npos) left.push_back("cgroup " + cgroup.path().string());
  return left;
}

}  // namespace

Controller::Controller(const Scratch& scratch, const std::vector<std::string>& words)
    : scratch_(scratch), words_(words), program_(Program::start(scratch, words_of_serve(scratch, words))) {
  for (int i = 0; i < 1200 && port_ == 0; ++i) {
    pause();
    port_ = port_said(program_.output());
  }
  if (port_ == 0) throw std::runtime_error("the controller did not start: " + program_.output());
}

Controller::~Controller() {
  static_cast<void>(program_.process().signal(SIGTERM));  // it may have ended
  program_.wait();
}

void Controller::pause() {
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

std::string Controller::add_user(const std::string& name, const std::string& role) const {
  std::vector<std::string> words{"serve", "user", "add", name, "--role", role, "--state", folder(scratch_)};
  if (const auto store = std::find(words_.begin(), words_.end(), "--store"); store != words_.end())
    words.insert(words.end(), store, store + 2);
  const Ended added = run(scratch_, words);
  if (added.code != 0) throw std::runtime_error(added.output);
  return token_in(added.output);
}

Controller::Answer Controller::ask(const std::string& method, const std::string& path, const std::string& body,
                                   const std::string& token) const {
  httplib::Client client("127.0.0.1", port_);
  client.set_read_timeout(60);
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  if (!token.empty()) request.set_header("Authorization", "Bearer " + token);
  if (!body.empty()) request.set_header("Content-Type", "application/json");
  const auto answer = client.send(request);
  if (!answer) return {};
  return {answer->status, answer->body, nlohmann::json::parse(answer->body, nullptr, false)};
}

Controller::Answer Controller::get(const std::string& path, const std::string& token) const {
  return ask("GET", path, "", token);
}
Controller::Answer Controller::post(const std::string& path, const nlohmann::json& body,
                                    const std::string& token) const {
  return ask("POST", path, body.dump(), token);
}
Controller::Answer Controller::put(const std::string& path, const nlohmann::json& body,
                                   const std::string& token) const {
  return ask("PUT", path, body.dump(), token);
}

std::vector<std::string> remains(const Scratch& scratch, pid_t but) {
  std::vector<std::string> left = remains_now(scratch, but);
  for (int i = 0; i < 100 && !left.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    left = remains_now(scratch, but);
  }
  return left;
}

std::string short_experiment(const std::string& world) {
  return fmt::format(R"(name = "short"
seed = 7
duration_max = "1m"
[world]
kind = "{}"
nodes = 3
[target]
kind = "raft"
[workload]
kind = "register"
rate = "300/s"
[phases]
warmup = "1s"
faults = "4s"
recover = "2s"
[[fault]]
name = "cut"
kind = "net.partition"
shape = "isolate"
on = "n1"
at = "200ms"
for = "3500ms"
[[check]]
kind = "linearizable"
[safety]
lease = "1s"
)",
                     world);
}

}  // namespace fracas::test
