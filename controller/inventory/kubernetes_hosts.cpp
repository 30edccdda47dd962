#include "controller/inventory/kubernetes_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <vector>

namespace fracas::controller::kubernetes {
namespace {

using nlohmann::json;

constexpr std::string_view kAgents = "app.kubernetes.io/name=fracas-agent";
constexpr int kAtOnce = 500;
constexpr int kAgentPort = 7600;

std::string encoded(std::string_view text) {
  std::string all;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(letter) != std::string_view::npos)
      all += letter;
    else
      all += fmt::format("%{:02X}", byte);
  }
  return all;
}

std::string piece(const std::string& go_on) {
  return fmt::format("limit={}{}{}", kAtOnce, go_on.empty() ? "" : "&continue=", encoded(go_on));
}

// A text in an object of objects; "" where there is none.
std::string text_at(const json& object, const char* part, const char* name) {
  const auto found = object.find(part);
  if (found == object.end() || !found->is_object()) return "";
  const auto text = found->find(name);
  return text != found->end() && text->is_string() ? text->get<std::string>() : "";
}

// What experiments take as a label of a host (lib/model/experiment.proto).
bool can_be_named(const std::string& label) {
  static const std::regex kLabel("[A-Za-z][A-Za-z0-9._/-]*=[A-Za-z0-9._/-]+");
  return std::regex_match(label, kLabel);
}

int port_of(const json& pod) {
  for (const json& container : pod.value("/spec/containers"_json_pointer, json::array()))
    for (const json& port : container.value("ports", json::array()))
      if (port.value("name", "") == "grpc") return port.value("containerPort", kAgentPort);
  return kAgentPort;
}

// Of a list of that kind, or nothing.
Result<json> items_of(const std::string& body, std::string_view kind) {
  json list = json::parse(body, nullptr, false);
  if (!list.is_object() || list.value("kind", "") != kind || !list.value("items", json()).is_array())
    return failure(fmt::format("the API's answer is no {}", kind), EPROTO);
  return list;
}

}  // namespace

Result<AgentPods> parse_agent_pods(std::string_view text) {
  static const std::regex kName("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  const std::size_t slash = text.find('/');
  AgentPods pods{.space = std::string(text.substr(0, slash)), .selector = std::string(kAgents)};
  if (slash != std::string_view::npos) pods.selector = text.substr(slash + 1);
  if (!std::regex_match(pods.space, kName) || pods.selector.empty())
    return failure("kubernetes: takes NAMESPACE, or NAMESPACE/SELECTOR of the agents' pods", EINVAL);
  return pods;
}

std::string pods_path(const AgentPods& pods, const std::string& go_on) {
  return fmt::format("/api/v1/namespaces/{}/pods?labelSelector={}&{}", pods.space, encoded(pods.selector),
                     piece(go_on));
}

std::string nodes_path(const std::string& go_on) {
  return "/api/v1/nodes?" + piece(go_on);
}

struct FleetListing::Inside {
  std::string space;
  std::map<std::string, std::string> agents{};               // address by node
  std::map<std::string, std::vector<std::string>> labels{};  // by node
};

FleetListing::FleetListing(std::string space) : inside_(std::make_unique<Inside>()) {
  inside_->space = std::move(space);
}
FleetListing::~FleetListing() = default;

Result<std::string> FleetListing::add_pods(const std::string& body) {
  const auto list = items_of(body, "PodList");
  if (!list) return failure(list.error());
  for (const json& pod : list->at("items")) {
    if (!pod.is_object() || text_at(pod, "status", "phase") != "Running") continue;
    if (!text_at(pod, "metadata", "deletionTimestamp").empty()) continue;
    const std::string node = text_at(pod, "spec", "nodeName"), address = text_at(pod, "status", "podIP");
    if (node.empty() || address.empty()) continue;
    const bool ipv6 = address.find(':') != std::string::npos;
    inside_->agents[node] = fmt::format("{}{}{}:{}", ipv6 ? "[" : "", address, ipv6 ? "]" : "", port_of(pod));
  }
  return text_at(*list, "metadata", "continue");
}

Result<std::string> FleetListing::add_nodes(const std::string& body) {
  const auto list = items_of(body, "NodeList");
  if (!list) return failure(list.error());
  for (const json& node : list->at("items")) {
    std::vector<std::string>& labels = inside_->labels[text_at(node, "metadata", "name")];
    const json all = node.value("/metadata/labels"_json_pointer, json::object());
    for (const auto& [name, value] : all.items()) {
      std::string label = name + "=" + (value.is_string() ? value.get<std::string>() : "");
      if (can_be_named(label)) labels.push_back(std::move(label));
    }
  }
  return text_at(*list, "metadata", "continue");
}

Result<std::string> FleetListing::hosts() const {
  if (inside_->agents.empty()) return failure(fmt::format("no agent runs in the namespace {}", inside_->space), ENOENT);
  std::string text;
  for (const auto& [node, address] : inside_->agents) {
    // A name begins with a letter.
    const std::string name = std::isdigit(static_cast<unsigned char>(node.front())) != 0 ? "h" + node : node;
    text += fmt::format("[[host]]\nname = {}\naddress = {}\ncertificate = {}\nlabels = [", json(name).dump(),
                        json(address).dump(), json("fracas-agents." + inside_->space + ".svc").dump());
    const auto labels = inside_->labels.find(node);
    if (labels != inside_->labels.end())
      for (const std::string& label : labels->second) text += (text.ends_with('[') ? "" : ", ") + json(label).dump();
    text += "]\n";
  }
  return text;
}

}  // namespace fracas::controller::kubernetes
