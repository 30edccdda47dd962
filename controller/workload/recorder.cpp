#include "controller/workload/recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "lib/os/clock.h"

namespace fracas::controller {

Result<std::unique_ptr<Recorder>> Recorder::open(const std::filesystem::path& path) {
  os::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!file) return system_failure(path.string());
  return std::unique_ptr<Recorder>(new Recorder(std::move(file)));
}

void Recorder::record(model::Event event) {
  const std::scoped_lock lock(mutex_);
  event.time_ns = os::boot_now_ns();
  const std::string line = model::to_json_line(event) + "\n";
  if (::write(file_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) && error_ == 0)
    error_ = errno != 0 ? errno : EIO;
  switch (event.type) {
    case model::EventType::invoke:
      ++counts_.invoked;
      break;
    case model::EventType::ok:
      ++counts_.ok;
      break;
    case model::EventType::fail:
      ++counts_.fail;
      break;
    case model::EventType::info:
      ++counts_.info;
      break;
  }
  events_.push_back(std::move(event));
}

HistoryCounts Recorder::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

std::vector<model::Event> Recorder::copy_from(std::size_t first) const {
  const std::scoped_lock lock(mutex_);
  return {events_.begin() + static_cast<std::ptrdiff_t>(first), events_.end()};
}

std::vector<model::Event> Recorder::take() {
  const std::scoped_lock lock(mutex_);
  return std::move(events_);
}

Status Recorder::status() const {
  const std::scoped_lock lock(mutex_);
  if (error_ != 0) return system_failure("writing the history", error_);
  return {};
}

}  // namespace fracas::controller
