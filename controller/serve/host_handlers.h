#pragma once
#include "controller/serve/doctor.h"
#include "controller/serve/http.h"
#include "controller/serve/leadership.h"
#include "controller/serve/run_folders.h"

namespace fracas::controller {

class Database;

// The library of experiments, the hosts, and whether the controller is well. All references outlive the handlers.
Handlers host_handlers(const RunFolders& folders, Doctor& doctor, Database& database, const Leadership& leadership);

}  // namespace fracas::controller
