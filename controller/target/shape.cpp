#include "controller/target/shape.h"

#include "lib/model/experiment.pb.h"

namespace fracas::controller {

Shape shape_of(const model::Workload& workload) {
  switch (workload.kind_case()) {
    case model::Workload::kRegister:
    case model::Workload::kCasRegister:
      return Shape::single;
    case model::Workload::kAppend:
      return Shape::list;
    case model::Workload::kSet:
      return Shape::set;
    case model::Workload::kCounter:
      return Shape::counter;
    case model::Workload::kQueue:
      return Shape::queue;
    default:
      return Shape::other;
  }
}

}  // namespace fracas::controller
