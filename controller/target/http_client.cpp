#include "controller/target/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <utility>

#include "lib/base/ensure.h"

namespace fracas::controller {
namespace {

std::size_t collect(const char* data, std::size_t size, std::size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

}  // namespace

struct HttpClient::Handle {
  CURL* curl = curl_easy_init();
  std::unique_ptr<curl_slist, FreeList> headers{curl_slist_append(nullptr, "Content-Type: application/json")};

  Handle() { ensure(curl != nullptr && headers != nullptr, "libcurl has memory for a handle"); }
  ~Handle() { curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
};

HttpClient::HttpClient(std::string base, HttpIdentity identity)
    : base_(std::move(base)), identity_(std::move(identity)), handle_(std::make_unique<Handle>()) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

tl::expected<HttpReply, HttpFailure> HttpClient::request(const std::string& path, const std::string& body,
                                                         Duration timeout) {
  return send(body.empty() ? "GET" : "POST", path, body, timeout);
}

tl::expected<HttpReply, HttpFailure> HttpClient::put(const std::string& path, const std::string& body,
                                                     Duration timeout) {
  return send("PUT", path, body, timeout);
}

tl::expected<HttpReply, HttpFailure> HttpClient::remove(const std::string& path, const std::string& body,
                                                        Duration timeout) {
  return send("DELETE", path, body, timeout);
}

tl::expected<HttpReply, HttpFailure> HttpClient::send(const char* method, const std::string& path,
                                                      const std::string& body, Duration timeout) {
  CURL* const curl = handle_->curl;
  const auto timeout_ms = std::max<std::int64_t>(1, timeout.count() / 1'000'000);
  HttpReply reply;
  curl_easy_reset(curl);
  const std::string url = base_ + path;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply.body);
  if (!identity_.authority.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, identity_.authority.c_str());
  if (!identity_.bearer_token.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, identity_.bearer_token.c_str());
  }
  if (!body.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->headers.get());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
  }
  const CURLcode done = curl_easy_perform(curl);
  if (done == CURLE_OK) {
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
    return reply;
  }
  long sent = 0;
  curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent);
  return tl::unexpected(HttpFailure{.error = curl_easy_strerror(done), .sent = sent > 0});
}

}  // namespace fracas::controller
