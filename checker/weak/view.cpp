#include "checker/weak/view.h"

#include <algorithm>

namespace fracas::checker::weak {

View::View(const Memory& memory, const Writers& writers, const ViewRules& rules)
    : memory_(memory),
      writers_(writers),
      rules_(rules),
      sessions_(memory.sessions),
      in_(memory.all.size()),
      before_(memory.all.size(), kNone),
      row_(memory.all.size(), kNone),
      inferred_(memory.all.size()) {
  select();
}

// Which accesses take part, and what each process did before them.
void View::select() {
  std::vector<std::uint32_t> last(memory_.processes, kNone);
  std::uint32_t rows = 0;
  for (std::uint32_t i = 0; i < memory_.all.size(); ++i) {
    const Access& access = memory_.all[i];
    in_[i] = access.write || rules_.others_read || access.process == rules_.viewer;
    if (!in_[i]) continue;
    row_[i] = rows++;
    before_[i] = last[access.process];
    if (!access.optional) last[access.process] = i;
  }
}

Linearizable View::decide(const Budget& budget) {
  const std::size_t rows = static_cast<std::size_t>(std::count(in_.begin(), in_.end(), true));
  if (rows * sessions_ * sizeof(std::uint32_t) > budget.bytes_per_key) return Linearizable::unknown;
  cells_.resize(rows * sessions_);
  while (compute_pasts()) {
    if (round_ > 0 && !rules_.again) return Linearizable::yes;
    if (budget.give_up && budget.give_up()) return Linearizable::unknown;
    if (!infer()) return Linearizable::yes;
    ++round_;
  }
  return Linearizable::no;
}

bool View::link_to(std::uint32_t access, std::uint32_t n, Link& link) const {
  const Access& to = memory_.all[access];
  if (n == 0) {
    link = {before_[access], access, Why::session, kNone};
  } else if (n == 1) {
    link = {to.write ? kNone : to.from, access, Why::read, kNone};
  } else {
    if (n - 2 >= inferred_[access].size()) return false;
    const Inferred& known = inferred_[access][n - 2];
    link = {known.from, access, known.why, known.reader};
  }
  return true;
}

std::uint32_t View::round_of(std::uint32_t access, std::uint32_t n) const {
  return n < 2 ? 0 : inferred_[access][n - 2].round;
}

void View::each_link_to(std::uint32_t access, const std::function<void(const Link&)>& use) const {
  Link link;
  for (std::uint32_t n = 0; link_to(access, n, link); ++n)
    if (link.from != kNone) use(link);
}

bool View::compute_pasts() {
  states_.assign(memory_.all.size(), State::untouched);
  for (std::uint32_t i = 0; i < memory_.all.size(); ++i)
    if (in_[i] && states_[i] == State::untouched && !reach(i)) return false;
  return true;
}

// Depth first along the links to an access, without recursion. False: they form a circle.
bool View::reach(std::uint32_t access) {
  std::vector<Visit> stack{{access, 0}};
  states_[access] = State::open;
  while (!stack.empty()) {
    Visit& top = stack.back();
    Link link;
    if (!link_to(top.access, top.next++, link)) {
      close(top.access);
      states_[top.access] = State::done;
      stack.pop_back();
      continue;
    }
    if (link.from == kNone || states_[link.from] == State::done) continue;
    if (states_[link.from] == State::open) {
      keep_circle(stack, link);
      return false;
    }
    states_[link.from] = State::open;
    stack.push_back({link.from, 0});
  }
  return true;
}

void View::close(std::uint32_t access) {
  const std::size_t begin = std::size_t{row_[access]} * sessions_;
  std::fill_n(cells_.begin() + static_cast<std::ptrdiff_t>(begin), sessions_, 0U);
  Link link;
  for (std::uint32_t n = 0; link_to(access, n, link); ++n) {
    if (link.from == kNone) continue;
    const auto source = past(link.from);
    for (std::uint32_t s = 0; s < sessions_; ++s) cells_[begin + s] = std::max(cells_[begin + s], source[s]);
  }
  const Access& self = memory_.all[access];
  cells_[begin + self.session] = std::max(cells_[begin + self.session], self.place);
}

// The stack leads back in time from its bottom; `closing` comes from one of its accesses.
void View::keep_circle(const std::vector<Visit>& stack, const Link& closing) {
  circle_ = {closing};
  for (std::size_t i = stack.size() - 1; stack[i].access != closing.from; --i) {
    Link link;
    link_to(stack[i - 1].access, stack[i - 1].next - 1, link);
    circle_.push_back(link);
  }
}

bool View::is_before(std::uint32_t earlier, std::uint32_t later) const {
  const Access& access = memory_.all[earlier];
  return past(later)[access.session] >= access.place;
}

bool View::add(const Link& link) {
  auto& known = inferred_[link.to];
  const bool there = std::any_of(known.begin(), known.end(), [&](const Inferred& i) { return i.from == link.from; });
  if (!there) known.push_back({link.from, link.why, link.reader, round_ + 1});
  return !there;
}

bool View::infer() {
  bool more = false;
  for (std::uint32_t i = 0; i < memory_.all.size(); ++i)
    if (in_[i] && explains(memory_.all[i])) more = infer_from(i) || more;
  return more;
}

// What follows from one read: who wrote its key before it wrote before what it saw.
bool View::infer_from(std::uint32_t read) {
  const Access& access = memory_.all[read];
  bool more = false;
  for (const Writers::Group& group : writers_.of(access.key)) {
    const std::uint32_t last = writers_.last(group, past(read)[group.session]);
    if (last != kNone && last != access.from) {
      if (access.from == kNone) {
        more = add({read, last, Why::replaced, read}) || more;
      } else if (rules_.newest ? is_before(access.from, last) : !is_before(last, access.from)) {
        more = add({last, access.from, Why::overwritten, read}) || more;
      }
    }
    if (rules_.single) more = infer_after(read, group) || more;
  }
  return more;
}

// The first write of the group that comes after what the read saw comes after the read.
bool View::infer_after(std::uint32_t read, const Writers::Group& group) {
  const std::uint32_t from = memory_.all[read].from;
  const auto all = writers_.writes(group);
  const auto first = std::partition_point(all.begin(), all.end(), [&](std::uint32_t write) {
    return write == from || (from != kNone && !is_before(from, write));
  });
  if (first == all.end() || is_before(read, *first)) return false;
  return add({read, *first, Why::replaced, read});
}

}  // namespace fracas::checker::weak
