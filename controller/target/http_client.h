#pragma once
#include <memory>
#include <string>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::controller {

struct HttpReply {
  long status = 0;  // 200, …
  std::string body;
};

// What became of a request that got no reply.
struct HttpFailure {
  std::string error;
  bool sent = false;  // some of it left: the server may have got it
};

// What a server behind TLS is asked with, where the machine's own authorities and no name do not do.
struct HttpIdentity {
  std::string bearer_token{};  // empty: none
  std::string authority{};     // file of the certificates that servers may be signed by; empty: the machine's
};

// A connection to an HTTP server that is kept from request to request. Thread: one, the one that made it or another.
class HttpClient {
 public:
  explicit HttpClient(std::string base, HttpIdentity identity = {});  // "http://10.77.0.11:2379"
  HttpClient(HttpClient&&) noexcept;
  ~HttpClient();

  // Sends `body` as JSON (POST), or asks with GET where it is empty, and waits for the reply, for all together at most
  // `timeout`.
  tl::expected<HttpReply, HttpFailure> request(const std::string& path, const std::string& body, Duration timeout);
  // The same with PUT, and with DELETE.
  tl::expected<HttpReply, HttpFailure> put(const std::string& path, const std::string& body, Duration timeout);
  tl::expected<HttpReply, HttpFailure> remove(const std::string& path, const std::string& body, Duration timeout);

 private:
  tl::expected<HttpReply, HttpFailure> send(const char* method, const std::string& path, const std::string& body,
                                            Duration timeout);
  struct Handle;
  std::string base_;
  HttpIdentity identity_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace fracas::controller
