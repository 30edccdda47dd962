#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/e2e/program.h"

namespace fracas::test {

// `fracas serve` on a free port of this machine, with its store in a scratch folder.
class Controller {
 public:
  // With further words for `fracas serve`. REQUIRES: nobody else serves that folder.
  explicit Controller(const Scratch& scratch, const std::vector<std::string>& words = {});
  ~Controller();  // ends it, and waits for that
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // A new user's token.
  std::string add_user(const std::string& name, const std::string& role) const;

  struct Answer {
    int status = 0;  // 0: no answer
    std::string body;
    nlohmann::json json;  // of the body; discarded where it is none
  };
  Answer get(const std::string& path, const std::string& token) const;
  Answer post(const std::string& path, const nlohmann::json& body, const std::string& token) const;
  Answer put(const std::string& path, const nlohmann::json& body, const std::string& token) const;

  // Asks for the run until it is done, or something else holds of it.
  template <typename Condition>
  nlohmann::json wait_for(const std::string& run, const std::string& token, const Condition& condition) const {
    for (int i = 0; i < 2400; ++i) {
      const nlohmann::json now = get("/api/v1/runs/" + run, token).json;
      if (condition(now)) return now;
      pause();
    }
    return {};
  }
  nlohmann::json wait_done(const std::string& run, const std::string& token) const {
    return wait_for(run, token, [](const nlohmann::json& now) { return now.value("state", "") == "done"; });
  }

  Program& program() { return program_; }
  int port() const { return port_; }

 private:
  static void pause();
  Answer ask(const std::string& method, const std::string& path, const std::string& body,
             const std::string& token) const;

  const Scratch& scratch_;
  const std::vector<std::string> words_;
  Program program_;
  int port_ = 0;
};

// What runs in labs of this scratch folder left: processes (all inherit FRACAS_STATE), records of labs, and cgroups of
// the labs that the runs' events name. Others may have labs of their own meanwhile. Looks again for up to five seconds.
// `but`: the controller that is to go on.
std::vector<std::string> remains(const Scratch& scratch, pid_t but = 0);

// An experiment's text: the Raft store with one partition, some seconds in all.
std::string short_experiment(const std::string& world);

}  // namespace fracas::test
