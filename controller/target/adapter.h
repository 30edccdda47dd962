#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/target/bound_clients.h"
#include "lib/base/result.h"
#include "lib/os/line_process.h"

namespace fracas::controller {

struct AdapterOptions {
  std::vector<std::string> argv;             // argv[0] is the path of the program
  std::map<std::string, std::string> nodes;  // name -> address
  std::filesystem::path errors;              // its stderr is appended to it
};

// A user's program that is a client of the system under test: it answers each line of JSON with one. docs/exec.md is
// the protocol. Thread: one.
class Adapter {
 public:
  // Starts the program, which may take two seconds, and lets it open `node`. ERRORS: "adapter PROGRAM: what it did
  // instead of opening".
  static Result<Adapter> open(const AdapterOptions& options, const std::string& node, Duration timeout);
  // Lets it close what it has open, for a moment at most, and ends it.
  ~Adapter();
  Adapter(Adapter&& other) noexcept
      : process_(std::move(other.process_)),
        requests_(other.requests_),
        usable_(std::exchange(other.usable_, false)),
        opened_(other.opened_) {}

  // An info if it does not answer as it should, and then it is of no use any more.
  Answer invoke(const Call& call, Duration timeout);
  // Who leads, as far as it knows; the empty text if nobody does, or if it does not say.
  std::string role(Duration timeout);
  bool usable() const { return usable_; }

 private:
  explicit Adapter(os::LineProcess process) : process_(std::move(process)) {}
  // Sends a request, given as the inside of a JSON object, and returns the answer's line. ERRORS: what it did instead.
  Result<std::string> ask(const std::string& request, Duration timeout);

  os::LineProcess process_;
  std::uint64_t requests_ = 0;
  bool usable_ = true;
  bool opened_ = false;
};

}  // namespace fracas::controller
