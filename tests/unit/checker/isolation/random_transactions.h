#pragma once
#include <map>
#include <string>
#include <vector>

#include "lib/base/random.h"
#include "tests/unit/checker/isolation/transaction_writer.h"

// Small histories of transactions on a store that is sometimes wrong: it takes effect at any moment, reads old versions
// and loses the answer.
namespace fracas::checker::tests {

struct RandomTransactionsOptions {
  bool lists = true;
  std::size_t transactions = 5, clients = 3, keys = 2, steps = 3;
  double info = 0.1;
  double stale = 0.15;    // of a read: an earlier version
  double together = 0.5;  // of a transaction: it reads all its keys at its beginning, and writes at its end
};

class RandomTransactions {
 public:
  RandomTransactions(const RandomTransactionsOptions& options, RandomStream random)
      : options_(options), random_(random), versions_(options.keys, {std::vector<int>{}}), open_(options.clients) {}

  TransactionWriter make() {
    std::size_t begun = 0, running = 0;
    while (begun < options_.transactions || running > 0) {
      const std::size_t at = random_.below(open_.size());
      Client& client = open_[at];
      const std::string name = "c" + std::to_string(at) + "." + std::to_string(client.life);
      if (!client.busy && begun < options_.transactions) {
        begin(client);
        writer_.invoke(name, text(client, false));
        ++begun, ++running;
      } else if (client.busy && client.next < client.steps.size()) {
        advance(client);
      } else if (client.busy) {
        const bool lost = random_.chance(options_.info);
        writer_.complete(name, lost ? model::EventType::info : model::EventType::ok, text(client, !lost));
        client.busy = false;
        if (lost) ++client.life;
        --running;
      }
    }
    return writer_;
  }

 private:
  struct Step {
    bool write = false;
    std::size_t key = 0;
    int value = 0;
    std::vector<int> read;
  };
  struct Client {
    bool busy = false, whole = false;
    std::size_t next = 0;
    int life = 0;
    std::vector<Step> steps;
  };

  void begin(Client& client) {
    client.busy = true;
    client.whole = random_.chance(options_.together);
    client.next = 0;
    client.steps.assign(1 + random_.below(options_.steps), {});
    for (Step& step : client.steps) {
      step.write = random_.chance(0.5);
      step.key = random_.below(options_.keys);
      if (step.write) step.value = ++last_value_;
    }
  }

  // One step, or all of them at once.
  void advance(Client& client) {
    do {
      Step& step = client.steps[client.next++];
      auto& versions = versions_[step.key];
      if (step.write) {
        auto next = options_.lists ? versions.back() : std::vector<int>{};
        next.push_back(step.value);
        versions.push_back(std::move(next));
      } else {
        step.read = random_.chance(options_.stale) ? versions[random_.below(versions.size())] : versions.back();
      }
    } while (client.whole && client.next < client.steps.size());
  }

  std::string text(const Client& client, bool answered) const {
    std::string all;
    for (const Step& step : client.steps) {
      if (!all.empty()) all += ", ";
      const std::string key = std::string(1, static_cast<char>('x' + static_cast<int>(step.key)));
      if (step.write) {
        all += (options_.lists ? "append " : "w ") + key + " " + std::to_string(step.value);
        continue;
      }
      all += "r " + key + " ";
      if (!answered || (!options_.lists && step.read.empty())) {
        all += "nil";
        continue;
      }
      std::string list;
      for (const int value : step.read) list += (list.empty() ? "" : " ") + std::to_string(value);
      all += options_.lists ? "[" + list + "]" : list;
    }
    return all;
  }

  RandomTransactionsOptions options_;
  RandomStream random_;
  std::vector<std::vector<std::vector<int>>> versions_;  // by key: every state it had
  std::vector<Client> open_;
  TransactionWriter writer_;
  int last_value_ = 0;
};

}  // namespace fracas::checker::tests
