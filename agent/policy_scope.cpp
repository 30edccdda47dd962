#include "agent/policy_scope.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>

#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

namespace pb = google::protobuf;

const pb::Message* chosen_message(const model::Injection& injection) {
  const auto* kinds = model::Injection::descriptor()->FindOneofByName("kind");
  const auto* chosen = injection.GetReflection()->GetOneofFieldDescriptor(injection, kinds);
  return chosen == nullptr ? nullptr : &injection.GetReflection()->GetMessage(injection, chosen);
}

using Visit = std::function<void(const pb::FieldDescriptor& field, const std::string& text)>;

// Every text in a message and in the messages inside it; they are a few levels deep.
void for_each_text(const pb::Message& message, const Visit& visit) {
  const pb::Reflection& reflection = *message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    const bool text = field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING;
    const bool inner = field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (text)
        visit(*field, field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                           : reflection.GetString(message, field));
      if (inner)
        for_each_text(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                           : reflection.GetMessage(message, field),
                      visit);
    }
  }
}

const model::NetFlows* flows_of(const pb::Message& message) {
  std::vector<const pb::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields)
    if (field->message_type() == model::NetFlows::descriptor() && !field->is_repeated())
      return static_cast<const model::NetFlows*>(&message.GetReflection()->GetMessage(message, field));
  return nullptr;
}

}  // namespace

PortClaim ports_of(const model::Injection& injection) {
  PortClaim claim;
  claim.packets = injection.scope().from_size() + injection.scope().to_size() > 0;
  const pb::Message* message = chosen_message(injection);
  if (message == nullptr) return claim;
  const model::NetFlows* flows = flows_of(*message);
  claim.transport = flows == nullptr || flows->protocol() != model::PROTOCOL_ICMP;
  for_each_text(*message, [&claim](const pb::FieldDescriptor& field, const std::string& text) {
    if (field.name() != "ports") return;
    if (const auto range = model::parse_port_range(text)) claim.ports.push_back(*range);
  });
  return claim;
}

std::vector<std::filesystem::path> paths_of(const model::Injection& injection) {
  std::vector<std::filesystem::path> paths;
  const pb::Message* message = chosen_message(injection);
  if (message == nullptr) return paths;
  for_each_text(*message, [&paths](const pb::FieldDescriptor& field, const std::string& text) {
    if (field.name() == "path" || field.name() == "paths" || field.name().ends_with("_path")) paths.emplace_back(text);
  });
  return paths;
}

bool acts_on_system_clock(const model::Injection& injection) {
  const pb::Message* message = chosen_message(injection);
  if (message == nullptr) return false;
  const pb::FieldDescriptor* field = message->GetDescriptor()->FindFieldByName("system");
  return field != nullptr && field->cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL &&
         message->GetReflection()->GetBool(*message, field);
}

const model::ProcessSelector* processes_in(const model::Injection& injection) {
  const pb::Message* message = chosen_message(injection);
  if (message == nullptr) return nullptr;
  const pb::FieldDescriptor* field = message->GetDescriptor()->FindFieldByName("processes");
  if (field == nullptr || field->message_type() != model::ProcessSelector::descriptor() ||
      !message->GetReflection()->HasField(*message, field))
    return nullptr;
  return static_cast<const model::ProcessSelector*>(&message->GetReflection()->GetMessage(*message, field));
}

const model::ProcessSelector* senders_in(const model::Injection& injection) {
  const pb::Message* message = chosen_message(injection);
  const model::NetFlows* flows = message == nullptr ? nullptr : flows_of(*message);
  return flows != nullptr && flows->has_senders() ? &flows->senders() : nullptr;
}

}  // namespace fracas::agent
