#pragma once
#include <google/protobuf/duration.pb.h>

#include "lib/base/quantity.h"

namespace fracas::model {

// Between the wire's durations and ours; both count nanoseconds.
inline Duration from_proto(const google::protobuf::Duration& duration) {
  return std::chrono::seconds(duration.seconds()) + std::chrono::nanoseconds(duration.nanos());
}

inline google::protobuf::Duration to_proto(Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(duration.count() / 1'000'000'000);
  proto.set_nanos(static_cast<std::int32_t>(duration.count() % 1'000'000'000));
  return proto;
}

}  // namespace fracas::model
