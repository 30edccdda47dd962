#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "controller/engine/engine.h"
#include "controller/engine/kubernetes_manifest.h"
#include "controller/inventory/kubernetes_access.h"
#include "lib/base/result.h"

// A hunt as an indexed Job of Kubernetes, one pod a share, whose records are read from the pods' logs.
namespace fracas::controller {

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
