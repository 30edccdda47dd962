#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "controller/probe/probe_kinds.h"
#include "lib/base/ensure.h"
#include "lib/model/probe.pb.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

struct FreeHandle {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct FreeHeaders {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;
using Headers = std::unique_ptr<curl_slist, FreeHeaders>;

struct Request {
  std::string url;
  std::string method{};
  std::string body{};
  Headers headers{};
  bool any_certificate = false;
};

struct Answer {
  long status = 0;
  std::string body{};
  std::string error{};  // empty: there is an answer
};

// Fewer bytes than were given end the transfer.
std::size_t collect(const char* data, std::size_t size, std::size_t count, void* into) {
  auto& body = *static_cast<std::string*>(into);
  if (body.size() + size * count > kAnswerMax) return 0;
  body.append(data, size * count);
  return size * count;
}

int stop_if_asked(void* room, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const ProbeRoom*>(room)->stopping.stop_requested() ? 1 : 0;
}

void prepare(CURL* curl, const Request& request, const ProbeRoom& room, Answer& answer) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_if_asked);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &room);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, request.headers.get());
  if (request.any_certificate) {
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  if (!request.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (!request.method.empty()) curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

Answer ask(const Request& request, const ProbeRoom& room, std::int64_t deadline_ns) {
  const Handle curl(curl_easy_init());
  ensure(curl != nullptr, "libcurl has memory for a handle");
  Answer answer;
  prepare(curl.get(), request, room, answer);
  const std::int64_t rest_ms = std::max<std::int64_t>(1, (deadline_ns - os::boot_now_ns()) / 1'000'000);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(rest_ms));
  const CURLcode done = curl_easy_perform(curl.get());
  if (done == CURLE_OK)
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  else if (done == CURLE_OPERATION_TIMEDOUT)
    answer.error = "no answer in time";
  else if (done == CURLE_WRITE_ERROR)
    answer.error = fmt::format("the answer is longer than {} bytes", kAnswerMax);
  else
    answer.error = curl_easy_strerror(done);
  return answer;
}

// Every value of an answer's "result": a scalar is one, a vector has one each series.
std::vector<std::string> values_of(const nlohmann::json& data) {
  std::vector<std::string> values;
  const auto add = [&values](const nlohmann::json& pair) {
    if (pair.is_array() && pair.size() == 2 && pair[1].is_string()) values.push_back(pair[1].get<std::string>());
  };
  const auto result = data.find("result");
  if (result == data.end() || !result->is_array()) return values;
  if (data.value("resultType", "") == "scalar") {
    add(*result);
    return values;
  }
  for (const nlohmann::json& series : *result)
    if (series.is_object() && series.contains("value")) add(series["value"]);
  return values;
}

}  // namespace

bool status_passes(const std::string& allowed, long status) {
  std::string_view rest = allowed;
  while (!rest.empty()) {
    const std::string part(rest.substr(0, rest.find(',')));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    const long low = std::strtol(part.c_str(), nullptr, 10);
    const std::size_t dash = part.find('-');
    const long high = dash == std::string::npos ? low : std::strtol(part.c_str() + dash + 1, nullptr, 10);
    if (status >= low && status <= high) return true;
  }
  return false;
}

Judged ask_http(const model::HttpProbe& probe, const ProbeRoom& room, std::int64_t deadline_ns) {
  Request request{.url = with_addresses(probe.url(), room.addresses, true),
                  .method = probe.method(),
                  .body = probe.body(),
                  .any_certificate = probe.any_certificate()};
  for (const std::string& header : probe.headers())
    request.headers.reset(curl_slist_append(request.headers.release(), header.c_str()));
  const Answer answer = ask(request, room, deadline_ns);
  if (!answer.error.empty()) return {.says = answer.error};
  if (!status_passes(probe.status(), answer.status))
    return {.says = fmt::format("status {}, not {}", answer.status, probe.status())};
  if (!asks(probe.tolerance())) return {.passed = true, .says = fmt::format("status {}", answer.status)};
  Judged judged = judge(probe.tolerance(), answer.body);
  judged.says = fmt::format("status {}: {}", answer.status, judged.says);
  return judged;
}

Judged judge_query(const model::PrometheusProbe& probe, const std::string& answer) {
  const auto document = nlohmann::json::parse(answer, nullptr, false);
  if (!document.is_object()) return {.says = "the answer is not one of Prometheus"};
  if (document.value("status", nlohmann::json()) != "success")
    return {.says = document.contains("error") && document["error"].is_string()
                        ? document["error"].get<std::string>()
                        : "the answer is not one of Prometheus"};
  const auto data = document.find("data");
  const auto values = data != document.end() && data->is_object() ? values_of(*data) : std::vector<std::string>();
  if (values.empty()) return {.says = "the query has no value"};
  model::Tolerance range;
  if (probe.has_min()) range.set_min(probe.min());
  if (probe.has_max()) range.set_max(probe.max());
  Judged first;
  for (const std::string& value : values) {
    Judged judged = judge(range, value);
    if (!judged.passed) return judged;
    if (!first.passed) first = std::move(judged);
  }
  return first;
}

Judged ask_prometheus(const model::PrometheusProbe& probe, const ProbeRoom& room, std::int64_t deadline_ns) {
  const std::unique_ptr<char, decltype(&curl_free)> query(
      curl_easy_escape(nullptr, probe.query().c_str(), static_cast<int>(probe.query().size())), curl_free);
  ensure(query != nullptr, "libcurl has memory for a query");
  Request request{.url = with_addresses(probe.url(), room.addresses, true) + "/api/v1/query?query=" + query.get(),
                  .any_certificate = probe.any_certificate()};
  const Answer answer = ask(request, room, deadline_ns);
  if (!answer.error.empty()) return {.says = answer.error};
  // A query that is wrong comes with a status of its own and says why in JSON.
  Judged judged = judge_query(probe, answer.body);
  if (answer.status != 200 && judged.passed) return {.says = fmt::format("status {}", answer.status)};
  return judged;
}

}  // namespace fracas::controller
