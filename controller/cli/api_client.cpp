#include "controller/cli/api_client.h"

#include <fmt/format.h>
#include <httplib.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace fracas::controller {
namespace {

constexpr const char* kDefaultServer = "http://127.0.0.1:7070";
constexpr int kHopsMax = 2;
constexpr auto kPatience = std::chrono::seconds(60);  // a stop waits for its faults

struct Question {
  std::string method;
  std::string path;
  std::string body;
};

std::string given_or(const std::string& given, const char* variable, const char* otherwise) {
  if (!given.empty()) return given;
  const char* value = std::getenv(variable);
  return value != nullptr ? value : otherwise;
}

// "https://chaos-1.example:7070" of "https://chaos-1.example:7070/api/v1/gamedays".
std::string origin_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string::npos ? "" : url.substr(0, url.find('/', scheme + 3));
}

// What `method` and `path` are answered at `server`. One of several controllers that does not lead names the one that
// does, which is asked then.
Result<std::string> ask(const std::string& server, const ServerAddress& address, const Question& question,
                        int hops_left) {
  httplib::Client client(server);
  if (!client.is_valid()) return failure(server + " is no address of a controller, like " + kDefaultServer);
  if (const std::string ca = given_or(address.ca, "FRACAS_CA", ""); !ca.empty()) client.set_ca_cert_path(ca.c_str());
  const std::string token = given_or("", "FRACAS_TOKEN", "");
  if (!token.empty()) client.set_bearer_token_auth(token.c_str());
  client.set_read_timeout(kPatience);
  const auto reply = question.method == "GET" ? client.Get(question.path.c_str())
                                              : client.Post(question.path.c_str(), question.body, "application/json");
  if (!reply)
    return failure(fmt::format("no controller answers at {} ({})", server, httplib::to_string(reply.error())));
  if (reply->status < 300) return reply->body;
  const std::string leader = origin_of(reply->get_header_value("Location"));
  if (reply->status == 307 && !leader.empty() && hops_left > 0) return ask(leader, address, question, hops_left - 1);
  const auto refused = nlohmann::json::parse(reply->body, nullptr, false);
  if (refused.is_object() && refused.contains("error") && refused["error"].is_string())
    return failure(refused["error"].get<std::string>());
  return failure(fmt::format("{}: status {}", server, reply->status));
}

}  // namespace

Result<std::string> ask_controller(const ServerAddress& address, const std::string& method, const std::string& path,
                                   const std::string& body) {
  const std::string server = given_or(address.server, "FRACAS_SERVER", kDefaultServer);
  return ask(server, address, {.method = method, .path = path, .body = body}, kHopsMax);
}

}  // namespace fracas::controller
