#pragma once
#include <string>
#include <vector>

#include "lib/base/random.h"
#include "tests/unit/checker/history_of_rows.h"

// Small histories of several registers, each client at a replica of its own that hears of writes late and in any order.
namespace fracas::checker::tests {

struct RandomMemoryOptions {
  std::size_t clients = 3, keys = 2, operations = 7;
  std::int64_t values = 0;  // 1 … values may be written more than once; 0: every write has a value of its own
  double info = 0.1;        // of a write
  double news = 0.5;        // that a client hears of some write before it does something
  double wild = 0.1;        // of a read: any value that was written, or nil
};

class RandomMemory {
 public:
  RandomMemory(const RandomMemoryOptions& options, RandomStream random)
      : options_(options),
        random_(random),
        replicas_(options.clients, std::vector<std::int64_t>(options.keys, 0)),
        lives_(options.clients, 0) {}

  History make() {
    for (std::size_t i = 0; i < options_.operations; ++i) {
      const std::size_t client = random_.below(options_.clients);
      const std::size_t key = random_.below(options_.keys);
      while (!writes_.empty() && random_.chance(options_.news)) hear(client);
      rows_.key(std::string(1, static_cast<char>('x' + static_cast<int>(key))));
      if (random_.chance(0.5))
        write(client, key);
      else
        read(client, key);
    }
    return std::move(rows_).finish();
  }

 private:
  struct Written {
    std::size_t key = 0;
    std::int64_t value = 0;
  };

  std::string name(std::size_t client) const {
    return "c" + std::to_string(client) + (lives_[client] > 0 ? "." + std::to_string(lives_[client]) : "");
  }

  void hear(std::size_t client) {
    const Written& news = writes_[random_.below(writes_.size())];
    replicas_[client][news.key] = news.value;
  }

  void write(std::size_t client, std::size_t key) {
    const std::int64_t value =
        options_.values > 0 ? 1 + static_cast<std::int64_t>(random_.below(static_cast<std::size_t>(options_.values)))
                            : static_cast<std::int64_t>(writes_.size()) + 1;
    writes_.push_back({key, value});
    rows_.invoke(name(client), "write", Rows::number(value));
    replicas_[client][key] = value;
    if (random_.chance(options_.info)) {
      rows_.info(name(client), "write", Rows::number(value));
      if (random_.chance(0.5)) ++lives_[client];
      return;
    }
    rows_.ok(name(client), "write", Rows::number(value));
  }

  void read(std::size_t client, std::size_t key) {
    std::int64_t value = replicas_[client][key];
    if (random_.chance(options_.wild)) value = 0;
    if (!writes_.empty() && random_.chance(options_.wild)) value = writes_[random_.below(writes_.size())].value;
    rows_.invoke(name(client), "read");
    rows_.ok(name(client), "read", value == 0 ? checker::Value{} : Rows::number(value));
  }

  RandomMemoryOptions options_;
  RandomStream random_;
  Rows rows_;
  std::vector<std::vector<std::int64_t>> replicas_;  // by client and key: 0 is nil
  std::vector<int> lives_;
  std::vector<Written> writes_;
};

}  // namespace fracas::checker::tests
