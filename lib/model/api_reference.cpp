#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include "lib/model/api.pb.h"
#include "lib/model/api_docs.h"
#include "lib/model/field_rules.h"

namespace fracas::model {
namespace {

namespace pb = google::protobuf;

constexpr std::string_view kIntroduction =
    R"(# The HTTP API of fracas serve

<!-- Generated from lib/model/api.proto. Run the test binary `golden` with FRACAS_UPDATE_GOLDEN=1 to write it anew. -->

[serve.md](../serve.md) says how to begin. Requests and answers are JSON, but for files and streams. Wall-clock times are texts (RFC 3339, UTC,
milliseconds), empty where there is none; times inside a run are milliseconds since its start, as numbers. What is absent was never given.
Whoever calls proves who they are by `Authorization: Bearer TOKEN`, by the cookie of `/api/v1/login`, or by a client certificate; the role in the table is the least that may. A refusal is
`Failure` with status 400 (bad_request, bad_input), 401 (unauthorized), 403 (forbidden), 404 (not_found), 405, 409 (conflict), 413 (too_large), 422 (key_reused), 423 (frozen), 429 (too_many), 500 (internal)
or 503 (unavailable, too_many). The controller serves the same as OpenAPI at `/openapi.json`.
Whatever changes something may carry `Idempotency-Key: KEY` and is then done once, however often it is sent ([serve.md](../serve.md#requests-that-are-sent-again)).

## Endpoints

| method and path | role | what it does | takes | gives |
|---|---|---|---|---|
)";

std::string role_of(const api::Endpoint& endpoint) {
  std::string role = api::Role_Name(endpoint.role()).substr(std::string_view("ROLE_").size());
  for (char& letter : role) letter = static_cast<char>(letter - 'A' + 'a');
  return role;
}

std::string gives(const pb::MethodDescriptor& method, const api::Endpoint& endpoint) {
  const std::string type = method.output_type()->name();
  if (endpoint.media().empty()) return "`" + type + "`";
  return type == "Nothing" ? endpoint.media() : "`" + type + "` as " + endpoint.media();
}

std::string endpoint_line(const pb::MethodDescriptor& method) {
  const api::Endpoint& endpoint = method.options().GetExtension(api::endpoint);
  const char* verb = !endpoint.get().empty() ? "GET" : !endpoint.post().empty() ? "POST" : "PUT";
  std::string takes = method.input_type()->name() == "Nothing" ? "" : "`" + method.input_type()->name() + "`";
  for (const api::Query& query : endpoint.query())
    takes += fmt::format("{}`?{}=` {}", takes.empty() ? "" : "<br>", query.name(), query.doc());
  return fmt::format("| {} `{}` | {} | {} | {} | {} |\n", verb, endpoint.get() + endpoint.post() + endpoint.put(),
                     role_of(endpoint), endpoint.doc(), takes, gives(method, endpoint));
}

std::string type_of(const pb::FieldDescriptor& field) {
  if (field.is_map()) return "object of numbers";
  std::string type;
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      type = field.message_type()->name() == "ListValue" ? "list" : "`" + field.message_type()->name() + "`";
      break;
    case pb::FieldDescriptor::CPPTYPE_STRING:
      type = "text";
      break;
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      type = "true or false";
      break;
    default:
      type = "number";
  }
  return field.is_repeated() ? "list of " + type : type;
}

std::string message_part(const pb::Descriptor& message) {
  std::string text = fmt::format("### {}\n\n| member | its value | what it says |\n|---|---|---|\n", message.name());
  for (int i = 0; i < message.field_count(); ++i) {
    const pb::FieldDescriptor& field = *message.field(i);
    text += fmt::format("| `{}` | {} | {} |\n", field.name(), type_of(field), rule_of(field).doc());
  }
  return text + "\n";
}

// Options of endpoints are messages, too, and never sent.
bool is_sent(const pb::Descriptor& message) {
  return message.field_count() > 0 && message.name() != "Endpoint" && message.name() != "Query";
}

}  // namespace

std::string api_markdown() {
  const pb::FileDescriptor& file = *api::Nothing::descriptor()->file();
  const pb::ServiceDescriptor& service = *file.FindServiceByName("Api");
  std::string text(kIntroduction);
  for (int i = 0; i < service.method_count(); ++i) text += endpoint_line(*service.method(i));
  text += "\n## Messages\n\n";
  for (int i = 0; i < file.message_type_count(); ++i)
    if (is_sent(*file.message_type(i))) text += message_part(*file.message_type(i));
  text.pop_back();
  return text;
}

}  // namespace fracas::model
