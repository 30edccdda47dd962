#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "checker/linearizability/finding.h"
#include "checker/weak/memory.h"

// What must come before what, when reads have to be explained by an order of accesses: orders of sessions and of reads
// from writes are given, others follow, until nothing more does. Sources: Bouajjani, Enea, Guerraoui and Hamza, "On
// Verifying Causal Consistency" (POPL 2017), section 5, for the causal levels; Gibbons and Korach, "Testing Shared
// Memories" (1997), section 3, for one order of everything.
namespace fracas::checker::weak {

// Whose reads are explained, and how.
struct ViewRules {
  std::uint32_t viewer = kNone;  // a process; kNone: everybody's reads
  bool others_read = true;       // false: reads of other processes are left out, so that nothing follows from them
  bool newest = false;           // only what contradicts a read: a newer write had come before it (causality alone)
  bool again = true;             // orders that followed are taken for given, and more may follow
  bool single = false;           // a read comes before whatever replaces what it saw: there is one order of everything
};

enum class Why : std::uint8_t {
  session,      // one process did both, in this order
  read,         // `to` saw what `from` wrote
  overwritten,  // `reader` saw `to`, and `from` had come before `reader`
  replaced,     // `from` is `reader`, and `to` replaces what it saw
};

// `from` comes before `to`; accesses.
struct Link {
  std::uint32_t from = 0, to = 0;
  Why why = Why::session;
  std::uint32_t reader = kNone;
};

// REQUIRES: the memory outlives it. Time of one round of what follows: accesses times sessions.
class View {
 public:
  View(const Memory& memory, const Writers& writers, const ViewRules& rules);

  // no: orders form a circle; unknown: the clocks need more than the budget's bytes, or it was asked to give up.
  Linearizable decide(const Budget& budget);
  // After `no`: the circle, from any link of it; and all accesses that its links follow from.
  const std::vector<Link>& circle() const { return circle_; }
  std::vector<std::uint32_t> support() const;
  // After `yes`: how far into each session what comes before an access reaches, itself included.
  std::span<const std::uint32_t> past(std::uint32_t access) const {
    return std::span(cells_).subspan(std::size_t{row_[access]} * sessions_, sessions_);
  }
  // After `yes`: the links that lead to an access.
  void each_link_to(std::uint32_t access, const std::function<void(const Link&)>& use) const;

 private:
  enum class State : std::uint8_t { untouched, open, done };
  struct Inferred {
    std::uint32_t from = 0;
    Why why = Why::overwritten;
    std::uint32_t reader = kNone;
    std::uint32_t round = 0;
  };
  struct Visit {
    std::uint32_t access = 0, next = 0;
  };
  struct Ground;
  struct Step {
    std::uint32_t to = 0, link = 0;  // the number of the link that leads there
  };

  bool explains(const Access& access) const {
    return !access.write && (rules_.viewer == kNone || access.process == rules_.viewer);
  }
  void select();
  bool compute_pasts();
  bool reach(std::uint32_t access);
  void close(std::uint32_t access);
  void keep_circle(const std::vector<Visit>& stack, const Link& closing);
  bool is_before(std::uint32_t earlier, std::uint32_t later) const;
  // The n-th link to an access; nothing beyond the last. Links that do not exist have `from` kNone.
  bool link_to(std::uint32_t access, std::uint32_t n, Link& link) const;
  std::uint32_t round_of(std::uint32_t access, std::uint32_t n) const;
  std::uint32_t round_of(const Link& link) const;
  bool infer();
  bool infer_from(std::uint32_t read);
  bool infer_after(std::uint32_t read, const Writers::Group& group);
  bool add(const Link& link);
  void add_ground(const Link& link, std::uint32_t round, std::vector<Ground>& grounds,
                  std::vector<bool>& support) const;
  std::vector<Step> path_of(const Ground& ground) const;

  const Memory& memory_;
  const Writers& writers_;
  ViewRules rules_;
  std::uint32_t sessions_, round_ = 0;
  std::vector<bool> in_;                         // by access
  std::vector<std::uint32_t> before_, row_;      // by access
  std::vector<std::vector<Inferred>> inferred_;  // by access
  std::vector<std::uint32_t> cells_;
  std::vector<State> states_;
  std::vector<Link> circle_;
};

}  // namespace fracas::checker::weak
