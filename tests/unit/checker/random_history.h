#pragma once
#include <array>
#include <string>
#include <vector>

#include "lib/base/random.h"
#include "lib/model/history.h"

// Small histories of one key: clients of a correct register or list, whose answers are now and then falsified.
namespace fracas::checker::tests {

struct RandomHistoryOptions {
  bool lists = false;
  bool cas = false;
  bool mismatch = false;  // of a failed cas: it is falsified now and then, as reads are
  bool unique = false;    // never write or append a value twice
  std::size_t clients = 3;
  std::size_t operations = 7;
  std::int64_t values = 3;  // 1 … values, where they are not unique
  double info = 0.15;       // of a completion
  double falsify = 0.15;    // of a read's answer
};

class RandomHistory {
 public:
  RandomHistory(const RandomHistoryOptions& options, RandomStream random)
      : options_(options), random_(random), open_(options.clients) {}

  std::vector<model::Event> make() {
    std::size_t invoked = 0, running = 0;
    while (invoked < options_.operations || running > 0) {
      Client& client = open_[random_.below(open_.size())];
      now_ns_ += static_cast<std::int64_t>(random_.below(3));  // equal times happen
      if (!client.busy && invoked < options_.operations) {
        invoke(client);
        ++invoked, ++running;
      } else if (client.busy && !client.applied && !random_.chance(0.1)) {
        apply(client);
      } else if (client.busy) {
        complete(client);
        --running;
      }
    }
    return events_;
  }

 private:
  struct Client {
    bool busy = false, applied = false, refused = false;
    model::Event event;
  };

  std::int64_t value() {
    return options_.unique ? ++last_value_
                           : 1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(options_.values)));
  }

  void invoke(Client& client) {
    client = {true, false, false, {}};
    model::Event& event = client.event;
    event.time_ns = now_ns_;
    event.process = "c" + std::to_string(++processes_);
    event.key = "k";
    const auto kind = random_.below(options_.cas ? 3 : 2);
    if (kind == 1) {
      event.function = options_.lists ? model::Function::append : model::Function::write;
      event.value = value();
    } else if (kind == 2) {
      event.function = model::Function::cas;
      event.value = std::pair(options_.unique && last_value_ > 0 ? last_value_ : 1, value());
    }
    events_.push_back(event);
  }

  void apply(Client& client) {
    client.applied = true;
    model::Event& event = client.event;
    if (event.function == model::Function::read) {
      event.value = options_.lists ? model::Value{list_} : state_;
    } else if (event.function == model::Function::write) {
      state_ = event.value;
    } else if (event.function == model::Function::append) {
      list_.push_back(std::get<std::int64_t>(event.value));
    } else {
      const auto pair = std::get<std::pair<std::int64_t, std::int64_t>>(event.value);
      client.refused = state_ != model::Value{pair.first};
      if (!client.refused) state_ = pair.second;
    }
  }

  void complete(Client& client) {
    model::Event event = client.event;
    event.time_ns = now_ns_;
    client.busy = false;
    if (!client.applied || random_.chance(options_.info)) {
      event.type = model::EventType::info;
    } else {
      const bool wrong = random_.chance(options_.falsify) && (client.refused || options_.mismatch) &&
                         event.function == model::Function::cas;
      event.type = client.refused != wrong ? model::EventType::fail : model::EventType::ok;
      if (event.function == model::Function::read && random_.chance(options_.falsify)) falsify(event.value);
    }
    if (event.type == model::EventType::info && random_.chance(0.3)) return;  // never completed at all
    events_.push_back(event);
  }

  void falsify(model::Value& answer) {
    if (!options_.lists) {
      answer = static_cast<std::int64_t>(
          1 + random_.below(static_cast<std::uint64_t>(options_.unique ? last_value_ + 1 : options_.values)));
      return;
    }
    auto& elements = std::get<std::vector<std::int64_t>>(answer);
    const auto how = random_.below(3);
    if (how == 0 && !elements.empty()) elements.pop_back();
    if (how == 1 && elements.size() > 1) std::swap(elements.back(), elements[elements.size() - 2]);
    if (how == 2) elements.push_back(1 + static_cast<std::int64_t>(random_.below(4)));
  }

  RandomHistoryOptions options_;
  RandomStream random_;
  std::vector<Client> open_;
  std::vector<model::Event> events_;
  model::Value state_;
  std::vector<std::int64_t> list_;
  std::int64_t last_value_ = 0;
  std::int64_t now_ns_ = 0;
  int processes_ = 0;
};

}  // namespace fracas::checker::tests
