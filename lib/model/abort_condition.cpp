#include "lib/model/abort_condition.h"

#include <fmt/format.h>

#include <sstream>
#include <vector>

namespace fracas::model {
namespace {

constexpr std::string_view kProbe = "probe:";

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

Error misread(std::string_view text) {
  return Error(fmt::format(
      "\"{}\" is no condition; write \"probe:NAME\", \"ok-rate < 50% over 5s\" or \"latency p99 > 1s over 5s\"", text));
}

// Takes "over 5s" off the end, where it is.
Status take_over(std::vector<std::string>& words, AbortCondition& condition) {
  if (words.size() < 2 || words[words.size() - 2] != "over") return {};
  const auto over = parse_duration(words.back());
  if (!over) return failure(over.error());
  if (*over < std::chrono::milliseconds(100) || *over > std::chrono::hours(1))
    return failure("over is between 100ms and 1h");
  condition.over = *over;
  words.resize(words.size() - 2);
  return {};
}

// "p99" and "p99.9" are shares.
Result<double> quantile_of(const std::string& word) {
  if (!word.starts_with("p")) return failure("a latency has a quantile, like p99");
  auto share = parse_probability(word.substr(1) + "%");
  if (share && *share <= 0) return failure("a quantile is above p0");
  return share;
}

}  // namespace

Result<AbortCondition> parse_abort_condition(std::string_view text) {
  AbortCondition condition;
  if (text.starts_with(kProbe)) {
    condition.probe = text.substr(kProbe.size());
    if (condition.probe.empty()) return failure(misread(text));
    return condition;
  }
  std::vector<std::string> words = words_of(text);
  if (auto taken = take_over(words, condition); !taken) return failure(taken.error());
  if (words.size() == 3 && words[0] == "ok-rate" && words[1] == "<") {
    const auto share = parse_probability(words[2]);
    if (!share) return failure(share.error());
    condition.what = AbortCondition::What::ok_rate;
    condition.ok_rate_min = *share;
    return condition;
  }
  if (words.size() == 4 && words[0] == "latency" && words[2] == ">") {
    const auto quantile = quantile_of(words[1]);
    if (!quantile) return failure(quantile.error());
    const auto most = parse_duration(words[3]);
    if (!most) return failure(most.error());
    condition.what = AbortCondition::What::latency;
    condition.quantile = *quantile;
    condition.latency_max = *most;
    return condition;
  }
  return failure(misread(text));
}

}  // namespace fracas::model
