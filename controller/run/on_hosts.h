#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "controller/world/at_once.h"
#include "lib/base/result.h"

namespace fracas::controller {

// Does `work` for every host at the same time and waits for all. The answers stand under the hosts' names.
template <typename T>
std::map<std::string, Result<T>> on_hosts(const std::vector<std::string>& hosts,
                                          const std::function<Result<T>(const std::string&)>& work) {
  std::map<std::string, Result<T>> answers;
  for (const std::string& host : hosts) answers.emplace(host, failure("not asked"));
  std::vector<Result<T>*> places;
  for (const std::string& host : hosts) places.push_back(&answers.at(host));
  at_once(hosts.size(), [&](std::size_t i) { *places[i] = work(hosts[i]); });
  return answers;
}

// The first failure among them, or success.
template <typename T>
Status first_failure(const std::map<std::string, Result<T>>& answers) {
  for (const auto& [host, answer] : answers)
    if (!answer) return failure(answer.error());
  return {};
}

}  // namespace fracas::controller
