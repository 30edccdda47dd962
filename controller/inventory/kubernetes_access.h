#pragma once
#include <string>

#include "controller/target/http_client.h"

namespace fracas::controller {

// How the API of Kubernetes is reached.
struct KubernetesAccess {
  std::string url = "http://127.0.0.1:8001";  // or "https://10.96.0.1:443"; this one is a `kubectl proxy`'s
  HttpIdentity identity{};
  std::string space = "default";  // the namespace
};

// What a pod finds in its environment and its service account's folder, where this is one; else what a `kubectl proxy`
// on this machine answers. Source: Kubernetes, "Accessing the Kubernetes API from a Pod".
KubernetesAccess default_access();

namespace kubernetes {

// What the API says that it refuses: a Status' message, or the body.
std::string complaint_in(const std::string& body);

}  // namespace kubernetes

}  // namespace fracas::controller
