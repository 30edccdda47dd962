#include "controller/serve/doctor.h"

#include <nlohmann/json.hpp>

#include "controller/world/log_tail.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/process.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kGoodFor_ns = 60'000'000'000;
constexpr auto kPatience = std::chrono::seconds(30);

std::vector<FaultHere> read_faults(const nlohmann::json& object) {
  std::vector<FaultHere> faults;
  for (const auto& fault : object.value("faults", nlohmann::json::array())) {
    const bool works = fault.value("available", false);
    faults.push_back({.kind = fault.value("kind", ""),
                      .mechanism = works ? fault.value("mechanism", "") : "",
                      .accuracy = fault.value("accuracy", ""),
                      .missing = works ? "" : fault.value("missing", "")});
  }
  return faults;
}

}  // namespace

Result<std::vector<FaultHere>> Doctor::examine() {
  const std::scoped_lock lock(mutex_);
  if (asked_ns_ != 0 && os::boot_now_ns() - asked_ns_ < kGoodFor_ns) return faults_;
  os::LaunchOptions options;
  options.argv = {folders_.program.string(), "doctor", "--format", "json"};
  options.output = folders_.state / "doctor.json";
  if (auto removed = os::remove_durably(options.output); !removed) return failure(std::move(removed).error());
  auto asked = os::Process::launch(options);
  if (!asked) return failure(std::move(asked).error());
  const auto ended = asked->wait_for(kPatience);
  const auto text = os::read_file(options.output);
  const auto object = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
  if (!ended || !object.is_object()) return failure("fracas doctor gave no answer" + log_tail(options.output, 3));
  faults_ = read_faults(object);
  asked_ns_ = os::boot_now_ns();
  return faults_;
}

}  // namespace fracas::controller
