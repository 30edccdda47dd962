#include "targets/raft/core/configuration.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <iterator>

namespace fracas::raft {
namespace {

constexpr std::size_t kNameBytesMax = 255;

bool holds(const std::vector<NodeId>& nodes, const NodeId& node) {
  return std::binary_search(nodes.begin(), nodes.end(), node);
}

bool sort_unique(std::vector<NodeId>& nodes) {
  std::sort(nodes.begin(), nodes.end());
  return std::adjacent_find(nodes.begin(), nodes.end()) == nodes.end();
}

std::uint64_t majority_of(const std::vector<NodeId>& voters, const std::vector<NodeId>& also,
                          const std::function<std::uint64_t(const NodeId&)>& reached) {
  // On the stack for clusters of the usual size: every answer of a follower comes here.
  boost::container::small_vector<std::uint64_t, 16> numbers;
  for (const NodeId& voter : voters) numbers.push_back(reached(voter));
  for (const NodeId& other : also) numbers.push_back(reached(other));
  const auto last = numbers.begin() + static_cast<std::ptrdiff_t>(voters.size() / 2);
  std::nth_element(numbers.begin(), last, numbers.end(), std::greater<>());
  return *last;
}

void write_names(ByteWriter& out, const std::vector<NodeId>& nodes) {
  out.u32(static_cast<std::uint32_t>(nodes.size()));
  for (const NodeId& node : nodes) out.text(node.value());
}

std::vector<NodeId> read_names(ByteReader& in) {
  std::vector<NodeId> nodes(in.count(4));
  for (NodeId& node : nodes) {
    const std::string_view name = in.text();
    if (name.empty() || name.size() > kNameBytesMax) in.fail();
    node = NodeId(std::string(name));
  }
  if (!sort_unique(nodes)) in.fail();
  return nodes;
}

}  // namespace

bool Configuration::votes(const NodeId& node) const {
  return holds(voters, node) || holds(outgoing, node);
}

bool Configuration::has(const NodeId& node) const {
  return votes(node) || holds(learners, node);
}

std::vector<NodeId> Configuration::members() const {
  std::vector<NodeId> all = voters;
  all.insert(all.end(), outgoing.begin(), outgoing.end());
  all.insert(all.end(), learners.begin(), learners.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

bool Configuration::is_near(const Configuration& other) const {
  std::vector<NodeId> different;
  std::set_symmetric_difference(voters.begin(), voters.end(), other.voters.begin(), other.voters.end(),
                                std::back_inserter(different));
  return different.size() <= 1;
}

std::uint64_t agreed(const Configuration& configuration, const std::function<std::uint64_t(const NodeId&)>& reached,
                     bool learners_count) {
  static const std::vector<NodeId> kNobody;
  const std::vector<NodeId>& also = learners_count ? configuration.learners : kNobody;
  const std::uint64_t incoming = majority_of(configuration.voters, also, reached);
  if (!configuration.joint()) return incoming;
  return std::min(incoming, majority_of(configuration.outgoing, kNobody, reached));
}

bool normalise(Configuration& configuration) {
  if (configuration.voters.empty() || !sort_unique(configuration.voters) || !sort_unique(configuration.learners))
    return false;
  return std::none_of(configuration.learners.begin(), configuration.learners.end(),
                      [&](const NodeId& learner) { return holds(configuration.voters, learner); });
}

void write(ByteWriter& out, const Configuration& configuration) {
  write_names(out, configuration.voters);
  write_names(out, configuration.outgoing);
  write_names(out, configuration.learners);
}

Configuration read_configuration(ByteReader& in) {
  Configuration configuration;
  configuration.voters = read_names(in);
  configuration.outgoing = read_names(in);
  configuration.learners = read_names(in);
  if (configuration.voters.empty()) in.fail();
  return configuration;
}

}  // namespace fracas::raft
