#include "controller/serve/http.h"

#include <google/protobuf/util/json_util.h>

#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>

#include "lib/base/ensure.h"

namespace fracas::controller {
namespace {

struct Meaning {
  int status;
  std::string_view code;
};

Meaning meaning_of(int code) {
  switch (code) {
    case EINVAL:
      return {400, "bad_input"};
    case EPERM:
      return {403, "forbidden"};
    case ENOENT:
      return {404, "not_found"};
    case EEXIST:
    case EALREADY:
      return {409, "conflict"};
    case ECANCELED:
      return {423, "frozen"};
    case EAGAIN:
      return {503, "unavailable"};
    default:
      return {500, "internal"};
  }
}

}  // namespace

std::string Request::asked(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

std::int64_t Request::asked_number(const std::string& name, std::int64_t otherwise) const {
  return number_or(asked(name), otherwise);
}

std::int64_t number_or(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? value : otherwise;
}

Response json_response(int status, const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  Response response{.status = status};
  const auto written = google::protobuf::util::MessageToJsonString(message, &response.body, options);
  ensure(written.ok(), "a message of ours has a JSON form");
  response.body += "\n";
  return response;
}

Response text_response(int status, std::string text) {
  return {.status = status, .media = "text/plain; charset=utf-8", .body = std::move(text)};
}

Response refusal(int status, std::string_view code, std::string_view text) {
  const nlohmann::ordered_json object{{"error", text}, {"code", code}};
  return {.status = status, .body = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

Response refusal(const Error& error) {
  const Meaning meaning = meaning_of(error.code);
  return refusal(meaning.status, meaning.code, error.message);
}

Status read_body(const Request& request, google::protobuf::Message& message) {
  if (request.body.empty()) return {};
  const auto read = google::protobuf::util::JsonStringToMessage(request.body, &message);
  if (!read.ok()) return failure("the body is not as expected: " + read.message().ToString(), EINVAL);
  return {};
}

}  // namespace fracas::controller
