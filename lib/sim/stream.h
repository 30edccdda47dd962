#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "lib/sim/inline_function.h"
#include "lib/sim/local_ptr.h"
#include "lib/sim/network.h"
#include "lib/sim/scheduler.h"

namespace fracas::sim {

// One direction of a TCP connection, as far as a program can see it: what is sent arrives once and in order, or not at
// all. A lost segment holds back all that follow until it is sent again: soon the first time, as tail loss probes and
// fast retransmission do, then after 200 ms, 400 ms and so on. Corruption that the checksum shows is a loss; duplicates
// are dropped by the receiver.
// Source: RFC 6298 (retransmission timer), RFC 8985 (tail loss probe).
class Stream : public FromLocal<Stream> {
 public:
  struct Ends {
    HostIndex from = 0;
    HostIndex to = 0;
    std::uint64_t connection = 0;
  };
  // `corrupted`: what arrives is not what was sent.
  using Arrival = InlineFunction<void(bool corrupted), 152>;

  Stream(Scheduler& scheduler, Network& network, const Ends& ends)
      : scheduler_(scheduler), network_(network), ends_(ends), opened_at_(scheduler.now()) {}

  // `arrive(bool corrupted)` is called when the bytes are there, unless the stream is closed by then. It fits into an
  // Arrival.
  template <typename Arrive>
  void send(std::size_t bytes, Arrive&& arrive) {
    const auto fate = begin(bytes);
    if (fate) return deliver(*fate, std::forward<Arrive>(arrive));
    if (!closed_) block(bytes, std::forward<Arrive>(arrive));
  }
  // Nothing arrives any more; what was under way is dropped.
  void close();
  bool closed() const { return closed_; }
  // The network answered a segment with a reset, or an established connection was cut by one.
  bool refused() const { return refused_; }

  // Since when the oldest segment without an acknowledgement is waiting; Duration::max() = there is none.
  Duration waiting_since() const;

 private:
  struct Segment {
    std::size_t bytes = 0;
    Arrival arrive;
  };
  // What becomes of a segment that is sent now; nothing: it is to wait, or the stream is closed.
  std::optional<Fate> begin(std::size_t bytes);
  void block(std::size_t bytes, Arrival arrive);
  // What the network makes of the next segment; nothing: it was lost, and is to be sent again, or the stream is closed.
  std::optional<Fate> pass(std::size_t bytes);
  // The moment at which it arrives.
  Duration arrival(const Fate& fate);
  // The closure is built where it will run, whatever it holds: a message passes here most of the time.
  template <typename Arrive>
  void deliver(const Fate& fate, Arrive&& arrive) {
    scheduler_.at(arrival(fate), [stream = weak_from_this(), corrupted = fate.corrupted,
                                  arrive = std::forward<Arrive>(arrive)]() mutable {
      const auto self = stream.lock();
      if (!self || self->closed_) return;
      self->acknowledge();
      arrive(corrupted);
    });
  }
  void retransmit();
  void wait();
  Duration retransmit_after() const;
  void acknowledge();

  Scheduler& scheduler_;
  Network& network_;
  Ends ends_;
  Duration opened_at_;
  std::list<Segment> blocked_;  // the lost one first, then those behind it
  int losses_ = 0;              // in a row, of the head
  Duration last_arrival_{};
  std::vector<Duration> sent_at_;  // when segments were sent, oldest first
  std::size_t acknowledged_ = 0;   // so many of them have arrived
  bool timer_ = false;             // there is one whenever something is blocked
  bool closed_ = false;
  bool refused_ = false;
  bool opened_ = false;
};

}  // namespace fracas::sim
