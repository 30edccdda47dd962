#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/store/users.h"
#include "lib/base/result.h"

namespace google::protobuf {
class Message;
}

// Requests and answers as handlers see them, without the HTTP library. Plain data.
namespace fracas::controller {

struct Request {
  std::string method;  // "GET", "POST", "PUT", …
  std::string path;    // decoded, without the query
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> parts;  // of the path, by their names in the endpoint's pattern
  std::string body;
  std::string address;        // of the client
  std::string last_event_id;  // header Last-Event-ID; empty: none
  std::string repeat_key;     // header Idempotency-Key; empty: none
  bool encrypted = false;     // it came over TLS
  User who;                   // nobody (an empty name) where an endpoint is for anybody

  // REQUIRES: the endpoint's pattern has that part.
  const std::string& part(const std::string& name) const { return parts.at(name); }
  // The value of a query parameter, or "".
  std::string asked(const std::string& name) const;
  // The same as a whole number, or `otherwise`.
  std::int64_t asked_number(const std::string& name, std::int64_t otherwise) const;
};

// `text` as a whole number in decimal digits, or `otherwise`.
std::int64_t number_or(std::string_view text, std::int64_t otherwise);

// Gives the next piece of a long answer, waiting for it a second at most; it may be empty. False at its end.
using Pieces = std::function<bool(std::string& piece)>;

struct Response {
  int status = 200;
  std::string media = "application/json";
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
  Pieces pieces{};  // instead of `body`, where there is one
};

using Handler = std::function<Response(const Request&)>;
// By the name of the endpoint's rpc in lib/model/api.proto.
using Handlers = std::map<std::string, Handler>;

// A message as JSON with the names of its fields, defaults written out.
Response json_response(int status, const google::protobuf::Message& message);
Response text_response(int status, std::string text);
// {"error": text, "code": code}
Response refusal(int status, std::string_view code, std::string_view text);
// What an Error's `code` stands for: EINVAL 400, ENOENT 404, EEXIST and EALREADY 409, ECANCELED 423 (frozen), EAGAIN
// 503; all else 500.
Response refusal(const Error& error);

// Reads a JSON body into a message; an empty body is an empty message. ERRORS: not that message's JSON, code EINVAL.
Status read_body(const Request& request, google::protobuf::Message& message);

template <typename Message>
Result<Message> parse_body(const Request& request) {
  Message message;
  if (auto read = read_body(request, message); !read) return failure(std::move(read).error());
  return message;
}

}  // namespace fracas::controller
