#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "controller/engine/engine.h"
#include "controller/engine/kubernetes_manifest.h"
#include "controller/target/http_client.h"
#include "lib/base/result.h"

// A hunt as an indexed Job of Kubernetes, one pod a share, whose records are read from the pods' logs.
namespace fracas::controller {

// How the API is reached.
struct KubernetesAccess {
  std::string url = "http://127.0.0.1:8001";  // or "https://10.96.0.1:443"; this one is a `kubectl proxy`'s
  HttpIdentity identity{};
  std::string space = "default";  // the namespace
};

// What a pod finds in its environment and its service account's folder, where this is one; else what a `kubectl proxy`
// on this machine answers. Source: Kubernetes, "Accessing the Kubernetes API from a Pod".
KubernetesAccess default_access();

struct KubernetesOptions {
  kubernetes::HuntJob job;
  KubernetesAccess access;
  std::string version;           // that of this fracas; records of another one count as lost
  std::filesystem::path folder;  // the manifests are written there, too
};

// ERRORS of submit(): what the API refused, in its words. A share is lost when its Job ended, or is gone, and no pod
// that succeeded has a log with its record. ERRORS: the folder cannot be written.
Result<std::unique_ptr<Engine>> kubernetes_engine(const KubernetesOptions& options);

}  // namespace fracas::controller
