#include "lib/model/effect_words.h"

#include <google/protobuf/descriptor.h>

#include "lib/model/experiment.pb.h"
#include "lib/model/options.pb.h"

namespace fracas::model {

EffectWords effect_words(std::string_view kind) {
  const auto* kinds = FaultSpec::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < kinds->field_count(); ++i) {
    const MessageRule& rule = kinds->field(i)->message_type()->options().GetExtension(message);
    if (rule.kind() != kind) continue;
    const std::size_t last = rule.effect().rfind(' ');
    if (last == std::string::npos) return {};
    return {.verb = rule.effect().substr(0, last), .thing = rule.effect().substr(last + 1)};
  }
  return {};
}

}  // namespace fracas::model
