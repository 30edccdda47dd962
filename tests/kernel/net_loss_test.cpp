// A million packets, one by one, through the classifier as the kernel runs it: what is lost, against the model.
#include <cmath>

#include "tests/kernel/net_pair.h"
#include "tests/trial/net_trial.h"

using namespace fracas::test;
using fracas::agent::NetBurst;
using fracas::agent::NetHook;
using fracas::agent::NetProgram;
using fracas::agent::NetRule;

namespace {

constexpr int kPackets = 1'000'000;

// Which of a million packets are lost under the rule.
std::vector<bool> lost_by(const NetRule& spec) {
  auto program = NetProgram::load();
  REQUIRE(program);
  REQUIRE(fracas::trial::put(*program, spec));
  std::vector<bool> lost;
  const auto packet = fracas::trial::udp_packet();
  for (int i = 0; i < kPackets; ++i) {
    const auto trial = program->try_packet(NetHook::egress, packet);
    REQUIRE(trial);
    lost.push_back(trial->verdict != -1);  // what passes goes on to the next program
  }
  const auto counted = static_cast<std::uint64_t>(std::count(lost.begin(), lost.end(), true));
  CHECK(program->counts(0).affected == counted);
  CHECK(program->counts(0).matched == kPackets);
  return lost;
}

// The lengths of the spells in which packets are all lost, or all not.
std::vector<std::size_t> spells(const std::vector<bool>& lost, bool of_loss) {
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < lost.size();) {
    std::size_t end = i;
    while (end < lost.size() && lost[end] == lost[i]) ++end;
    if (lost[i] == of_loss) lengths.push_back(end - i);
    i = end;
  }
  return lengths;
}

// Whether the lengths are geometric: P(length = k) = leave (1 - leave)^(k - 1). The chi-square of lengths 1, 2, ... and
// the rest, of so many kinds that each is expected 20 times or more, within three standard deviations of its mean.
void check_geometric(const std::vector<std::size_t>& lengths, double leave) {
  double chi_square = 0;
  int kinds = 0;
  auto rest = static_cast<double>(lengths.size());
  for (std::size_t k = 1; rest > 20; ++k, ++kinds) {
    const bool last = rest * leave < 20 || rest * (1 - leave) < 20;
    const double expected = last ? rest : rest * leave;
    const auto seen = static_cast<double>(
        std::count_if(lengths.begin(), lengths.end(), [&](std::size_t one) { return last ? one >= k : one == k; }));
    chi_square += (seen - expected) * (seen - expected) / expected;
    rest -= expected;
  }
  REQUIRE(kinds > 5);
  const double freedom = kinds - 1;
  INFO("chi-square " << chi_square << " with " << freedom << " degrees of freedom, of " << lengths.size());
  CHECK(chi_square < freedom + 3 * std::sqrt(2 * freedom));
}

double sigmas_off(const std::vector<bool>& lost, double share, double correlation) {
  const auto count = static_cast<double>(std::count(lost.begin(), lost.end(), true));
  const double sigma = std::sqrt(kPackets * share * (1 - share) * (1 + correlation) / (1 - correlation));
  return std::abs(count - kPackets * share) / sigma;
}

}  // namespace

TEST_CASE("net.loss: of a million packets the asked share is lost, each by itself", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const double share = GENERATE(0.01, 0.2);
  CAPTURE(share);
  const auto lost = lost_by({.kind = "net.loss", .to = {"10.77.0.2"}, .loss = share, .seed = 5});
  CHECK(sigmas_off(lost, share, 0) < 3);
  // As a chain whose next state does not depend on this one.
  check_geometric(spells(lost, false), share);
}

TEST_CASE("net.loss: a million packets meet good and bad spells as long as the chain's", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetBurst burst{.enter = 0.02, .leave = 0.3};
  const auto lost = lost_by({.kind = "net.loss", .to = {"10.77.0.2"}, .burst = burst, .seed = 5});
  CHECK(sigmas_off(lost, burst.enter / (burst.enter + burst.leave), 1 - burst.enter - burst.leave) < 3);
  check_geometric(spells(lost, true), burst.leave);
  check_geometric(spells(lost, false), burst.enter);
}
