#pragma once
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/world/at_once.h"
#include "controller/world/done.h"
#include "lib/base/result.h"

namespace fracas::controller {

// Outcomes under the hosts' names.
template <typename T>
using OnHosts = std::map<std::string, Result<T>>;

// Does `work`, which waits, for many hosts at the same time, and waits for all.
template <typename T>
OnHosts<T> on_hosts(const std::vector<std::string>& hosts, const std::function<Result<T>(const std::string&)>& work) {
  OnHosts<T> outcomes;
  for (const std::string& host : hosts) outcomes.emplace(host, failure("not asked"));
  std::vector<Result<T>*> places;
  for (const std::string& host : hosts) places.push_back(&outcomes.at(host));
  at_once(hosts.size(), [&](std::size_t i) { *places[i] = work(hosts[i]); });
  return outcomes;
}

// Starts a call to every host, all before the first answer is waited for, and waits for all.
template <typename T>
OnHosts<T> ask_hosts(const std::vector<std::string>& hosts,
                     const std::function<void(const std::string&, Done<T>)>& ask) {
  OnHosts<T> outcomes;
  for (const std::string& host : hosts) outcomes.emplace(host, failure("not asked"));
  const auto missing = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(hosts.size()));
  for (const std::string& host : hosts)
    ask(host, [missing, place = &outcomes.at(host)](Result<T> outcome) {
      *place = std::move(outcome);
      missing->count_down();
    });
  missing->wait();
  return outcomes;
}

// The first failure among them, or success.
template <typename T>
Status first_failure(const OnHosts<T>& outcomes) {
  for (const auto& [host, outcome] : outcomes)
    if (!outcome) return failure(outcome.error());
  return {};
}

}  // namespace fracas::controller
