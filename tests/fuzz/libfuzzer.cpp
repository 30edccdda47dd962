// One program for all targets under libFuzzer: fuzz --target=edn [libFuzzer's options] CORPUS...
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "tests/fuzz/targets.h"

namespace {
const fracas::fuzz::Target* target = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  constexpr std::string_view kOption = "--target=";
  for (int i = 1; i < *count; ++i) {
    const std::string_view argument = (*arguments)[i];
    if (argument.starts_with(kOption)) target = fracas::fuzz::find_target(argument.substr(kOption.size()));
  }
  if (target != nullptr) return 0;
  fmt::print(stderr, "fuzz: --target= takes one of");
  for (const auto& each : fracas::fuzz::targets()) fmt::print(stderr, " {}", each.name);
  fmt::print(stderr, "\n");
  std::exit(6);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > target->bytes_max) return -1;
  target->run({data, size});
  return 0;
}
