#pragma once
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <set>
#include <string>

#include "lib/base/ensure.h"
#include "lib/model/field_rules.h"

// Messages that were read and whose `kind` is one of a oneof. For the files of lib/model that walk descriptors.
namespace fracas::model {

// What our options say about the kind that was chosen.
template <typename Message>
const MessageRule& rule_of_choice(const Message& chosen) {
  const auto* alternatives = choice_by_kind(*chosen.GetDescriptor());
  const auto* member = chosen.GetReflection()->GetOneofFieldDescriptor(chosen, alternatives);
  ensure(member != nullptr, "a message that was read has a kind");
  return rule_of(*member->message_type());
}

template <typename Message>
std::string kind_of_message(const Message& chosen) {
  return rule_of_choice(chosen).kind();
}

// Names those that have none after their kinds: "http", "http-2".
template <typename Specs>
void name_after_kind(Specs& specs) {
  std::set<std::string> taken;
  for (const auto& spec : specs) taken.insert(spec.name());
  for (auto& spec : specs) {
    if (!spec.name().empty()) continue;
    const std::string kind = kind_of_message(spec);
    std::string name = kind;
    for (int suffix = 2; taken.contains(name); ++suffix) name = fmt::format("{}-{}", kind, suffix);
    taken.insert(name);
    spec.set_name(name);
  }
}

}  // namespace fracas::model
