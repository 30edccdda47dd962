#pragma once
#include <string>

// The HTTP API of `fracas serve`, told from the descriptors of api.proto.
namespace fracas::model {

// docs/reference/api.md, whole.
std::string api_markdown();

// The same as an OpenAPI 3.1 document (JSON): paths with their roles, messages as schemas.
std::string api_openapi(const std::string& version);

}  // namespace fracas::model
