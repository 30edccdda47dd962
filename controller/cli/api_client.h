#pragma once
#include <string>

#include "lib/base/result.h"

namespace fracas::controller {

// Where a controller is, and who asks it. Empty texts are taken from the environment: FRACAS_SERVER, FRACAS_TOKEN and,
// for a server whose certificate no known authority signed, FRACAS_CA.
struct ServerAddress {
  std::string server;  // "http://127.0.0.1:7070", also where neither says so
  std::string ca;      // a PEM file
};

// Asks the API of `fracas serve`: GET where `body` is empty and `method` says so, else POST with JSON.
// ERRORS: it does not answer; it refuses, in its own words; code 0.
Result<std::string> ask_controller(const ServerAddress& address, const std::string& method, const std::string& path,
                                   const std::string& body = "");

}  // namespace fracas::controller
