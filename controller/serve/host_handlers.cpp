#include "controller/serve/host_handlers.h"

#include <memory>

#include "controller/serve/host_name.h"
#include "controller/serve/library.h"
#include "controller/store/freeze.h"
#include "lib/model/api.pb.h"
#include "lib/model/api_docs.h"
#include "lib/os/probe.h"

namespace fracas::controller {
namespace {

Response experiments(Library& library) {
  api::Experiments message;
  for (const LibraryExperiment& each : library.list()) {
    api::LibraryExperiment& added = *message.add_experiments();
    added.set_file(each.file);
    added.set_name(each.name);
    added.set_doc(each.doc);
    added.set_target(each.target);
    added.set_world(each.world);
    added.set_expect(each.expect);
    added.set_group(each.group);
  }
  return json_response(200, message);
}

Response agents(Doctor& doctor) {
  const auto faults = doctor.examine();
  if (!faults) return refusal(faults.error());
  api::Agents message;
  api::AgentHost& host = *message.add_agents();
  host.set_host(host_name());
  host.set_kernel("Linux " + os::kernel_release());
  for (const FaultHere& fault : *faults) {
    api::AgentFault& added = *host.add_faults();
    added.set_kind(fault.kind);
    added.set_mechanism(fault.mechanism);
    added.set_accuracy(fault.accuracy);
    added.set_missing(fault.missing);
  }
  return json_response(200, message);
}

Response ready(const Request& request, Database& database, const Leadership& leadership) {
  if (const auto freeze = read_freeze(database); !freeze) return text_response(503, freeze.error().message + "\n");
  const bool leads = leadership.part() == Leadership::Part::leads;
  const bool enough = leads || request.asked("part") != "leader";
  return text_response(enough ? 200 : 503, (enough ? "ok, " : "") + leadership.describe() + "\n");
}

}  // namespace

Handlers host_handlers(const RunFolders& folders, Doctor& doctor, Database& database, const Leadership& leadership) {
  // Shared, because std::function copies what it holds.
  const auto library = std::make_shared<Library>(folders.library);
  return {
      {"ListExperiments", [library](const Request&) { return experiments(*library); }},
      {"ListAgents", [&doctor](const Request&) { return agents(doctor); }},
      {"OpenApi", [](const Request&) { return Response{.body = model::api_openapi(FRACAS_VERSION)}; }},
      {"Healthz", [](const Request&) { return text_response(200, "ok\n"); }},
      {"Readyz", [&](const Request& request) { return ready(request, database, leadership); }},
  };
}

}  // namespace fracas::controller
