#pragma once
#include <google/protobuf/duration.pb.h>

#include <limits>

#include "lib/base/quantity.h"

namespace fracas::model {

// Between the wire's durations and ours; both count nanoseconds. What does not fit into 64 bits of them saturates: it
// is far outside of every allowed range anyway.
inline Duration from_proto(const google::protobuf::Duration& duration) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / kSecond - 3;
  if (duration.seconds() > kSecondsMax) return Duration::max();
  if (duration.seconds() < -kSecondsMax) return Duration::min();
  return Duration(duration.seconds() * kSecond + duration.nanos());
}

inline google::protobuf::Duration to_proto(Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(duration.count() / 1'000'000'000);
  proto.set_nanos(static_cast<std::int32_t>(duration.count() % 1'000'000'000));
  return proto;
}

}  // namespace fracas::model
