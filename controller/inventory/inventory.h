#pragma once
#include <filesystem>
#include <string>

#include "lib/base/result.h"

namespace fracas::model {
class Inventory;
}

namespace fracas::controller {

// The hosts of a fleet as TOML text of [[host]] tables, from what an experiment or --inventory says:
//   FILE.toml            that file, from `folder` on
//   dns:NAME:PORT        all addresses of a name, for which their agents have certificates: hosts are called after
//   their
//                        addresses, "10.0.0.11" is h10-0-0-11
//   kubernetes:NAMESPACE the nodes on which pods of agents run there, with the nodes' labels;
//   kubernetes:NAMESPACE/SELECTOR
//                        where the pods are not those of deploy/kubernetes (kubernetes_hosts.h)
//   command:PROGRAM …    what a program prints within 30 seconds, its words parted by spaces, started in `folder`
// ERRORS: a file that cannot be read, a name that does not resolve, a program that fails, with what it said,
// an API that does not answer or refuses.
Result<std::string> find_inventory(const std::string& inventory, const std::filesystem::path& folder);

// The same, read. ERRORS also: as read_inventory_text.
Result<model::Inventory> load_inventory(const std::string& inventory);

}  // namespace fracas::controller
