#include "controller/inventory/inventory.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

constexpr const char* kTwo =
    "[[host]]\nname = \"db1\"\naddress = \"10.0.0.1:7600\"\nlabels = [\"zone=a\"]\n"
    "[[host]]\nname = \"db2\"\naddress = \"db2.example.com:7600\"\n";

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fracas-inventory-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
    std::filesystem::permissions(path / name, std::filesystem::perms::owner_all);
  }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("inventory: a file and a command give the hosts they list", "[unit][controller][world]") {
  const Folder folder;
  folder.write("fleet.toml", kTwo);
  folder.write("list", std::string("#!/bin/sh\ncat fleet.toml\n"));
  for (const char* from : {"fleet.toml", "command:./list", "command:cat fleet.toml"}) {
    CAPTURE(from);
    const auto text = find_inventory(from, folder.path);
    REQUIRE(text);
    const auto inventory = model::read_inventory_text(*text, from);
    REQUIRE(inventory);
    REQUIRE(inventory->host_size() == 2);
    CHECK(inventory->host(0).labels(0) == "zone=a");
    CHECK(inventory->host(1).address() == "db2.example.com:7600");
  }
}

TEST_CASE("inventory: what cannot be had is one line that says why", "[unit][controller][world]") {
  const Folder folder;
  folder.write("fails", "#!/bin/sh\nexit 3\n");
  CHECK(find_inventory("command:./fails", folder.path).error().message == "./fails: ended with exit code 3");
  CHECK_FALSE(find_inventory("command:", folder.path));
  CHECK_FALSE(find_inventory("missing.toml", folder.path));
  CHECK_FALSE(find_inventory("dns:example.com", folder.path));
  CHECK(model::read_inventory_text("", "x").error().message == "x:1:1: the file lists no [[host]]");
  CHECK(model::read_inventory_text("[[host]]\nname = \"db1\"\n", "x").error().message.find("address") !=
        std::string::npos);
}

TEST_CASE("inventory: addresses become hosts that have the name's certificate", "[unit][controller][world]") {
  const auto text = find_inventory("dns:127.0.0.7:7600", ".");  // a number needs no server
  REQUIRE(text);
  const auto inventory = model::read_inventory_text(*text, "dns");
  REQUIRE(inventory);
  REQUIRE(inventory->host_size() == 1);
  CHECK(inventory->host(0).name() == "h127-0-0-7");
  CHECK(inventory->host(0).address() == "127.0.0.7:7600");
  CHECK(inventory->host(0).certificate() == "127.0.0.7");
}
