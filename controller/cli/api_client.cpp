#include "controller/cli/api_client.h"

#include <fmt/format.h>
#include <httplib.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace fracas::controller {
namespace {

constexpr const char* kDefaultServer = "http://127.0.0.1:7070";
constexpr auto kPatience = std::chrono::seconds(60);  // a stop waits for its faults

std::string given_or(const std::string& given, const char* variable, const char* otherwise) {
  if (!given.empty()) return given;
  const char* value = std::getenv(variable);
  return value != nullptr ? value : otherwise;
}

}  // namespace

Result<std::string> ask_controller(const ServerAddress& address, const std::string& method, const std::string& path,
                                   const std::string& body) {
  const std::string server = given_or(address.server, "FRACAS_SERVER", kDefaultServer);
  httplib::Client client(server);
  if (!client.is_valid()) return failure(server + " is no address of a controller, like " + kDefaultServer);
  if (const std::string ca = given_or(address.ca, "FRACAS_CA", ""); !ca.empty()) client.set_ca_cert_path(ca.c_str());
  const std::string token = given_or("", "FRACAS_TOKEN", "");
  if (!token.empty()) client.set_bearer_token_auth(token.c_str());
  client.set_read_timeout(kPatience);
  const auto reply = method == "GET" ? client.Get(path.c_str()) : client.Post(path.c_str(), body, "application/json");
  if (!reply)
    return failure(fmt::format("no controller answers at {} ({})", server, httplib::to_string(reply.error())));
  if (reply->status < 300) return reply->body;
  const auto refused = nlohmann::json::parse(reply->body, nullptr, false);
  if (refused.is_object() && refused.contains("error") && refused["error"].is_string())
    return failure(refused["error"].get<std::string>());
  return failure(fmt::format("{}: status {}", server, reply->status));
}

}  // namespace fracas::controller
