#include "tests/tree/tree.h"

namespace fracas::tests {

std::string source_dir() {
  return FRACAS_SOURCE_DIR;
}
std::string bin_dir() {
  return FRACAS_BIN_DIR;
}

}  // namespace fracas::tests
