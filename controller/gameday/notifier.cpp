#include "controller/gameday/notifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/gameday/zone.h"
#include "controller/probe/probe.h"
#include "lib/model/gameday.h"
#include "lib/model/gameday.pb.h"

namespace fracas::controller::gameday {
namespace {

// Behind the first attempt, and behind the second.
constexpr std::chrono::seconds kPauses[] = {std::chrono::seconds(1), std::chrono::seconds(4)};
static_assert(std::size(kPauses) + 1 == Notifier::kAttempts);

std::string body_of(const News& news) {
  const nlohmann::ordered_json body{{"gameday", news.said.day},
                                    {"event", text_of(news.said.what)},
                                    {"text", news.said.text},
                                    {"at", rfc3339(news.at)}};
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// "https://chat.example:8443" of "https://user:word@chat.example:8443/secret".
std::string origin_of(const std::string& url) {
  const std::size_t begin = url.find("://") + 3;
  const std::string host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  const std::size_t at = host.rfind('@');
  return url.substr(0, begin) + (at == std::string::npos ? host : host.substr(at + 1));
}

}  // namespace

bool wants(const model::Notification& recipient, Happening what) {
  return recipient.on().empty() || std::ranges::find(recipient.on(), static_cast<int>(what)) != recipient.on().end();
}

model::ProbeSpec delivery(const model::Notification& recipient, const News& news) {
  model::ProbeSpec probe;
  *probe.mutable_timeout() = recipient.timeout();
  if (recipient.has_webhook()) {
    model::HttpProbe& http = *probe.mutable_http();
    http.set_url(recipient.webhook().url());
    http.set_method("POST");
    http.set_body(body_of(news));
    http.set_status("200-299");
    http.set_any_certificate(recipient.webhook().any_certificate());
    *http.mutable_headers() = recipient.webhook().headers();
    http.add_headers("Content-Type: application/json");
  } else {
    model::CommandProbe& command = *probe.mutable_command();
    *command.mutable_command() = recipient.command().command();
    for (const std::string& word :
         {news.said.day, std::string(text_of(news.said.what)), news.said.text, rfc3339(news.at)})
      command.add_command(word);
  }
  return probe;
}

std::string name_of(const model::Notification& recipient) {
  if (recipient.has_webhook()) return "webhook " + origin_of(recipient.webhook().url());
  return "command " + recipient.command().command(0);
}

std::string describe_recipient(const model::Notification& recipient) {
  std::string events;
  for (const int each : recipient.on())
    events += (events.empty() ? "" : ", ") + std::string(text_of(static_cast<Happening>(each)));
  return fmt::format("{}: {}", name_of(recipient), events.empty() ? "everything" : events);
}

Notifier::Notifier(Failed failed)
    : failed_(std::move(failed)), thread_([this](const std::stop_token& stopping) { work(stopping); }) {}

Notifier::~Notifier() {
  thread_.request_stop();
}

void Notifier::tell(News news) {
  const std::string day = news.said.day;
  const std::string_view what = text_of(news.said.what);
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() < kWaitingMax) {
      waiting_.push_back(std::move(news));
      bell_.notify_one();
      return;
    }
  }
  failed_(day, fmt::format("{}: too many news wait already", what));
}

void Notifier::work(const std::stop_token& stopping) {
  while (true) {
    std::unique_lock lock(mutex_);
    if (!bell_.wait(lock, stopping, [this] { return !waiting_.empty(); })) return;
    const News news = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    deliver(news, stopping);
  }
}

void Notifier::deliver(const News& news, const std::stop_token& stopping) {
  const auto file = model::read_gameday_text(news.plan_text, news.said.day);
  if (!file) return failed_(news.said.day, file.error().message);
  for (const model::Notification& recipient : file->plan().notify())
    if (wants(recipient, news.said.what)) deliver_to(recipient, news, stopping);
}

void Notifier::deliver_to(const model::Notification& recipient, const News& news, const std::stop_token& stopping) {
  const model::ProbeSpec probe = delivery(recipient, news);
  const std::string name = name_of(recipient);
  const std::size_t attempts = deaf_.contains(name) ? 1 : kAttempts;
  Measurement told = measure(probe, {.addresses = {}, .stopping = stopping});
  for (std::size_t i = 1; i < attempts && !told.passed && pause(kPauses[i - 1], stopping); ++i)
    told = measure(probe, {.addresses = {}, .stopping = stopping});
  if (stopping.stop_requested()) return;
  deaf_.erase(name);
  if (told.passed) return;
  deaf_.insert(name);
  failed_(news.said.day, fmt::format("{} to {}: {}", text_of(news.said.what), name, told.says));
}

bool Notifier::pause(std::chrono::seconds length, const std::stop_token& stopping) {
  std::unique_lock lock(mutex_);
  bell_.wait_for(lock, stopping, length, [] { return false; });
  return !stopping.stop_requested();
}

}  // namespace fracas::controller::gameday
