#include "lib/model/ramp.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cmath>
#include <vector>

#include "lib/base/ensure.h"
#include "lib/base/quantity.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/field_rules.h"
#include "lib/model/proto_time.h"
#include "lib/model/suggest.h"
#include "lib/model/toml_scalar.h"

namespace fracas::model {
namespace {

namespace pb = google::protobuf;

const pb::FieldDescriptor& kind_field(const FaultSpec& fault) {
  const auto* chosen = fault.GetReflection()->GetOneofFieldDescriptor(fault, choice_by_kind(*fault.GetDescriptor()));
  ensure(chosen != nullptr, "a fault that was read has a kind");
  return *chosen;
}

Result<const pb::FieldDescriptor*> ramped_key(const FaultSpec& fault) {
  const pb::Descriptor& type = *kind_field(fault).message_type();
  std::vector<std::string> possible;
  for (int i = 0; i < type.field_count(); ++i) {
    if (!rule_of(*type.field(i)).ramp()) continue;
    if (type.field(i)->name() == fault.ramp().key()) return type.field(i);
    possible.push_back(type.field(i)->name());
  }
  const std::string& kind = rule_of(type).kind();
  if (possible.empty()) return failure(fmt::format("no number of {} can change while it acts", kind));
  return failure(fmt::format("{} cannot change \"{}\" while it acts{}", kind, fault.ramp().key(),
                             suggestion(fault.ramp().key(), possible)));
}

// Of durations in nanoseconds.
Result<double> number_of(const std::string& text, const pb::FieldDescriptor& key) {
  TomlNode node;
  node.value = text;
  const auto scalar = read_scalar(node, key);
  if (!scalar) return failure(scalar.error());
  if (const auto* duration = std::get_if<Duration>(&*scalar)) return static_cast<double>(duration->count());
  if (const auto* whole = std::get_if<std::uint64_t>(&*scalar)) return static_cast<double>(*whole);
  const auto* fraction = std::get_if<double>(&*scalar);
  ensure(fraction != nullptr, "a key that a ramp may change is a number or a duration");
  return *fraction;
}

double own_number(const pb::Message& fault, const pb::FieldDescriptor& key) {
  const pb::Reflection& reflection = *fault.GetReflection();
  if (form_of(key) == Form::duration)
    return static_cast<double>(
        from_proto(static_cast<const pb::Duration&>(reflection.GetMessage(fault, &key))).count());
  if (form_of(key) == Form::bytes) return static_cast<double>(reflection.GetUInt64(fault, &key));
  return reflection.GetDouble(fault, &key);
}

std::string set_number(pb::Message& fault, const pb::FieldDescriptor& key, double number) {
  const pb::Reflection& reflection = *fault.GetReflection();
  if (form_of(key) == Form::duration) {
    // To the microsecond: a ramp's steps need no more, and people read them.
    const Duration duration(std::llround(number / 1000) * 1000);
    static_cast<pb::Duration&>(*reflection.MutableMessage(&fault, &key)) = to_proto(duration);
    return format_duration(duration);
  }
  if (form_of(key) == Form::bytes) {
    const auto bytes = static_cast<std::uint64_t>(std::llround(number));
    reflection.SetUInt64(&fault, &key, bytes);
    return fmt::format("{}B", bytes);
  }
  reflection.SetDouble(&fault, &key, number);
  return fmt::format("{:.4g}%", number * 100);
}

}  // namespace

Result<std::string> apply_ramp_step(FaultSpec& fault, std::uint32_t step) {
  const Ramp& ramp = fault.ramp();
  ensure(fault.has_ramp() && step < ramp.steps() && ramp.steps() >= 2, "a ramp has that step");
  const auto key = ramped_key(fault);
  if (!key) return failure(key.error());
  pb::Message& chosen = *fault.GetReflection()->MutableMessage(&fault, &kind_field(fault));
  const auto from = number_of(ramp.from(), **key);
  if (!from) return failure(Error(from.error()).context("from"));
  const auto to = ramp.to().empty() ? Result<double>(own_number(chosen, **key)) : number_of(ramp.to(), **key);
  if (!to) return failure(Error(to.error()).context("to"));
  const double number = *from + (*to - *from) * step / (ramp.steps() - 1);
  return fmt::format("{} = {}", ramp.key(), set_number(chosen, **key, number));
}

bool can_pulse(const FaultSpec& fault) {
  return !rule_of(*kind_field(fault).message_type()).once();
}

}  // namespace fracas::model
