#include "controller/inventory/kubernetes_access.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "lib/os/file.h"

namespace fracas::controller {

namespace {

constexpr const char* kAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

}  // namespace

KubernetesAccess default_access() {
  KubernetesAccess access;
  const char* const host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* const port = std::getenv("KUBERNETES_SERVICE_PORT");
  const std::filesystem::path account(kAccount);
  if (host == nullptr || port == nullptr) return access;
  const std::string address(host);
  access.url =
      fmt::format("https://{}:{}", address.find(':') == std::string::npos ? address : "[" + address + "]", port);
  access.identity = {.bearer_token = os::read_file(account / "token").value_or(""),
                     .authority = (account / "ca.crt").string()};
  access.space = os::read_file(account / "namespace").value_or("default");
  return access;
}

namespace kubernetes {

std::string complaint_in(const std::string& body) {
  const auto object = nlohmann::json::parse(body, nullptr, false);
  const bool told = object.is_object() && object.contains("message") && object["message"].is_string();
  return told ? object["message"].get<std::string>() : body.substr(0, 200);
}

}  // namespace kubernetes
}  // namespace fracas::controller
