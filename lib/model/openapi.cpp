#include <google/protobuf/descriptor.h>

#include <nlohmann/json.hpp>

#include "lib/model/api.pb.h"
#include "lib/model/api_docs.h"
#include "lib/model/field_rules.h"

namespace fracas::model {
namespace {

namespace pb = google::protobuf;
using Json = nlohmann::ordered_json;

Json reference(const std::string& message) {
  if (message == "Struct") return {{"type", "object"}};
  if (message == "ListValue") return {{"type", "array"}};
  return {{"$ref", "#/components/schemas/" + message}};
}

Json value_schema(const pb::FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return reference(field.message_type()->name());
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return {{"type", "string"}};
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}};
    default:
      return {{"type", "number"}};
  }
}

Json field_schema(const pb::FieldDescriptor& field) {
  Json schema = value_schema(field);
  if (field.is_map()) {
    schema = {{"type", "object"}, {"additionalProperties", {{"type", "number"}}}};
  } else if (field.is_repeated()) {
    schema = {{"type", "array"}, {"items", std::move(schema)}};
  }
  if (!rule_of(field).doc().empty()) schema["description"] = rule_of(field).doc();
  return schema;
}

// Members of a flat field stand in the object itself.
void add_members(const pb::Descriptor& message, Json& properties) {
  for (int i = 0; i < message.field_count(); ++i) {
    const pb::FieldDescriptor& field = *message.field(i);
    if (is_flat(field)) {
      add_members(*field.message_type(), properties);
    } else {
      properties[field.name()] = field_schema(field);
    }
  }
}

Json message_schema(const pb::Descriptor& message) {
  Json schema{{"type", "object"}, {"properties", Json::object()}};
  add_members(message, schema["properties"]);
  return schema;
}

Json content(const std::string& media, Json schema) {
  return {{"content", {{media, {{"schema", std::move(schema)}}}}}};
}

// "{id}" in a path, and what stands behind its question mark.
Json parameters(const std::string& path, const api::Endpoint& endpoint) {
  Json list = Json::array();
  for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1))
    list.push_back({{"name", path.substr(at + 1, path.find('}', at) - at - 1)},
                    {"in", "path"},
                    {"required", true},
                    {"schema", {{"type", "string"}}}});
  for (const api::Query& query : endpoint.query())
    list.push_back(
        {{"name", query.name()}, {"in", "query"}, {"description", query.doc()}, {"schema", {{"type", "string"}}}});
  return list;
}

// What a request that changes something may carry, so that it is done once however often it is sent.
Json repeat_key() {
  return {{"name", "Idempotency-Key"},
          {"in", "header"},
          {"description", "the same request with the same key gets the first one's answer, for a day; another one 422"},
          {"schema", {{"type", "string"}, {"maxLength", 200}, {"pattern", "^[!-~]+$"}}}};
}

Json operation(const pb::MethodDescriptor& method, const std::string& path) {
  const api::Endpoint& endpoint = method.options().GetExtension(api::endpoint);
  Json one{{"operationId", method.name()}, {"summary", endpoint.doc()}, {"parameters", parameters(path, endpoint)}};
  if (method.input_type()->name() != "Nothing") {
    one["requestBody"] = content("application/json", reference(method.input_type()->name()));
    one["requestBody"]["required"] = true;
  }
  const bool json = endpoint.media().empty();
  Json answer = content(json ? "application/json" : endpoint.media(),
                        json ? reference(method.output_type()->name()) : Json{{"type", "string"}});
  answer["description"] = "as asked";
  Json refused = content("application/json", reference("Failure"));
  refused["description"] = "refused or failed";
  const std::string status = std::to_string(endpoint.status() == 0 ? 200U : endpoint.status());
  one["responses"] = {{status, std::move(answer)}, {"default", std::move(refused)}};
  if (endpoint.role() == api::ROLE_ANYBODY) {
    one["security"] = Json::array();
  } else {
    one["description"] = "Least role: " + api::Role_Name(endpoint.role()).substr(5);
    if (endpoint.get().empty()) one["parameters"].push_back(repeat_key());
  }
  return one;
}

}  // namespace

std::string api_openapi(const std::string& version) {
  const pb::FileDescriptor& file = *api::Nothing::descriptor()->file();
  const pb::ServiceDescriptor& service = *file.FindServiceByName("Api");
  Json document{{"openapi", "3.1.0"}, {"info", {{"title", "fracas serve"}, {"version", version}}}};
  document["security"] = Json::array({{{"token", Json::array()}}, {{"cookie", Json::array()}}});
  Json& paths = document["paths"] = Json::object();
  for (int i = 0; i < service.method_count(); ++i) {
    const api::Endpoint& endpoint = service.method(i)->options().GetExtension(api::endpoint);
    const std::string path = endpoint.get() + endpoint.post() + endpoint.put();
    const char* verb = !endpoint.get().empty() ? "get" : !endpoint.post().empty() ? "post" : "put";
    paths[path][verb] = operation(*service.method(i), path);
  }
  Json& components = document["components"];
  components["securitySchemes"] = {{"token", {{"type", "http"}, {"scheme", "bearer"}}},
                                   {"cookie", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "fracas_token"}}}};
  for (int i = 0; i < file.message_type_count(); ++i) {
    const pb::Descriptor& type = *file.message_type(i);
    if (type.name() != "Endpoint" && type.name() != "Query") components["schemas"][type.name()] = message_schema(type);
  }
  return document.dump(2) + "\n";
}

}  // namespace fracas::model
