// The short fuzzing of every test run, with any compiler: fuzz_rounds TARGET RUNS CORPUS mutates the corpus, the same
// way each time. It is blind, unlike libFuzzer, and only keeps the targets from breaking unseen.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "lib/base/random.h"
#include "tests/fuzz/targets.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<Bytes> read_corpus(const std::filesystem::path& folder) {
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.insert(entry.path());
  std::vector<Bytes> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

class Mutator {
 public:
  Mutator(std::vector<Bytes> corpus, std::string_view target) : corpus_(std::move(corpus)), random_(1, target) {}

  Bytes next(std::size_t bytes_max) {
    Bytes bytes = corpus_[random_.below(corpus_.size())];
    for (auto changes = 1 + random_.below(6); changes > 0; --changes) change(bytes);
    if (bytes.size() > bytes_max) bytes.resize(bytes_max);
    return bytes;
  }

 private:
  void change(Bytes& bytes) {
    const Bytes& other = corpus_[random_.below(corpus_.size())];
    const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(random_.below(bytes.size() + 1));
    const auto left = static_cast<std::uint64_t>(bytes.end() - at);
    const auto length = static_cast<std::ptrdiff_t>(random_.below(std::min<std::uint64_t>(left, 16) + 1));
    const auto from = other.begin() + static_cast<std::ptrdiff_t>(random_.below(other.size() + 1));
    const auto run = std::min<std::ptrdiff_t>(other.end() - from, static_cast<std::ptrdiff_t>(random_.below(64)));
    switch (random_.below(5)) {
      case 0:
        if (left > 0) *at = static_cast<std::uint8_t>(random_.below(256));
        break;
      case 1:
        bytes.insert(at, static_cast<std::uint8_t>(random_.below(256)));
        break;
      case 2:
        bytes.erase(at, at + length);
        break;
      case 3: {
        const Bytes piece(from, from + run);
        bytes.insert(at, piece.begin(), piece.end());
        break;
      }
      default:
        if (left > 0) *at = static_cast<std::uint8_t>(*at ^ (1U << random_.below(8)));
    }
  }

  std::vector<Bytes> corpus_;
  fracas::RandomStream random_;
};

}  // namespace

int main(int count, char** arguments) {
  const auto* target = count == 4 ? fracas::fuzz::find_target(arguments[1]) : nullptr;
  if (target == nullptr) {
    fmt::print(stderr, "usage: fuzz_rounds TARGET RUNS CORPUS\n");
    return 6;
  }
  const auto corpus = read_corpus(arguments[3]);
  if (corpus.empty()) {
    fmt::print(stderr, "{}: no seeds\n", arguments[3]);
    return 6;
  }
  for (const Bytes& seed : corpus) target->run(seed);
  Mutator mutator(corpus, target->name);
  for (long runs = std::atol(arguments[2]); runs > 0; --runs) target->run(mutator.next(target->bytes_max));
  return 0;
}
