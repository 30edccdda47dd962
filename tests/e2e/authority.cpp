#include "tests/e2e/authority.h"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>

namespace fracas::test {
namespace {

void run(const std::string& command) {
  if (std::system((command + " 2>/dev/null").c_str()) != 0) throw std::runtime_error(command);
}

}  // namespace

Authority::Authority(std::filesystem::path folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)) {
  run(
      fmt::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {0}.key -out {0}.pem "
                  "-subj /CN={1} -days 2",
                  path(name_), name_));
}

void Authority::issue(const std::string& file, const std::string& common_name, int days) const {
  run(
      fmt::format("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {0}.key -out {0}.csr "
                  "-subj /CN={1}",
                  path(file), common_name));
  run(fmt::format("openssl x509 -req -in {0}.csr -CA {1}.pem -CAkey {1}.key -CAcreateserial -out {0}.pem -days {2}",
                  path(file), path(name_), days));
}

}  // namespace fracas::test
