#include "controller/gameday/approval.h"

#include <fmt/format.h>

#include <algorithm>

namespace fracas::controller::gameday {
namespace {

constexpr std::string_view kRolePrefix = "role:";

bool is_meant(const Person& person, std::string_view one) {
  if (!one.starts_with(kRolePrefix)) return person.name == one;
  const auto least = find_role(one.substr(kRolePrefix.size()));
  return least && person.role >= *least;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", names[i]);
  return text;
}

}  // namespace

std::vector<ApprovalGiven> approvals_that_count(const Day& day, Instant now) {
  std::vector<ApprovalGiven> counting;
  std::ranges::copy_if(day.approvals, std::back_inserter(counting), [&](const ApprovalGiven& each) {
    return each.fingerprint == day.plan.fingerprint && now < each.at + day.plan.approval.hold;
  });
  return counting;
}

bool enough_approvals(const Day& day, Instant now) {
  return approvals_that_count(day, now).size() >= day.plan.approval.count;
}

std::string describe_approvals(const Day& day, Instant now) {
  const ApprovalRule& rule = day.plan.approval;
  return fmt::format("{} of {} approvals; {} may give them", approvals_that_count(day, now).size(), rule.count,
                     list_of(rule.from));
}

std::string why_not_approve(const Day& day, const Person& person) {
  const ApprovalRule& rule = day.plan.approval;
  if (rule.count == 0) return "this plan needs no approval";
  if (!rule.own && person.name == day.submitted_by) return "nobody approves a plan of their own";
  if (std::ranges::any_of(rule.from, [&](const std::string& one) { return is_meant(person, one); })) return "";
  return fmt::format("{} may approve this plan, and {} ({}) is not among them", list_of(rule.from), person.name,
                     controller::name(person.role));
}

}  // namespace fracas::controller::gameday
