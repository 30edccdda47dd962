#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/random.h"

// Packets between hosts: how long they take, and what faults do to them. Knows nothing of what they carry.
namespace fracas::sim {

// A host's number, from 0.
using HostIndex = std::uint32_t;

// What becomes of one packet.
struct Fate {
  bool lost = false;
  bool refused = false;    // lost, and the sender is told at once
  bool corrupted = false;  // it arrives with wrong contents that no checksum shows
  Duration held{};         // on top of the link's own latency
};

struct Packet {
  HostIndex from = 0;
  HostIndex to = 0;
  std::size_t bytes = 0;
  bool opens = false;            // the first of a connection
  std::uint64_t connection = 0;  // the same number for both directions
  Duration connected_at{};       // when the connection was opened; for `opens`, now
};

// One fault's part in a packet's fate. Changes `fate` and counts for itself. Called for every packet on the links it is
// attached to, in the order of attachment, while it is attached.
using PacketRule = std::function<void(const Packet& packet, Duration now, Fate& fate)>;

struct LinkOptions {
  Duration latency = std::chrono::microseconds(80);  // one way, at least
  Duration spread = std::chrono::microseconds(60);   // and at most this much more, uniform
};

// A full mesh of links, each with the rules of the faults that act on it.
class Network {
 public:
  Network(std::size_t hosts, const LinkOptions& options, std::uint64_t seed);

  std::size_t hosts() const { return hosts_; }

  // Attaches a rule to the packets from one host to another, under a number of the caller's choice.
  void attach(HostIndex from, HostIndex to, std::uint64_t id, std::shared_ptr<PacketRule> rule);
  // From all links.
  void detach(std::uint64_t id);

  // Decides about a packet that is sent now: its fate, with the link's latency in `held`.
  Fate decide(const Packet& packet, Duration now);

  std::uint64_t packets() const { return packets_; }

 private:
  struct Attached {
    std::uint64_t id = 0;
    std::shared_ptr<PacketRule> rule;
  };
  std::size_t link(HostIndex from, HostIndex to) const { return from * hosts_ + to; }

  std::size_t hosts_;
  LinkOptions options_;
  RandomStream random_;
  std::vector<std::vector<Attached>> rules_;  // by link
  std::uint64_t packets_ = 0;
};

}  // namespace fracas::sim
