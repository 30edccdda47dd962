#include "agent/call_counter.h"

#include <array>

namespace fracas::agent {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

// In the order of their numbers. Source: grpc/status.h.
constexpr std::array<const char*, 17> kStatusNames{
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::string name_of(grpc::StatusCode code) {
  const auto number = static_cast<std::size_t>(code);
  return number < kStatusNames.size() ? kStatusNames.at(number) : "UNKNOWN";
}

class Interceptor final : public grpc::experimental::Interceptor {
 public:
  Interceptor(CallCounter& counter, std::string method) : counter_(counter), method_(std::move(method)) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS))
      counter_.count(method_, methods->GetSendStatus().error_code());
    methods->Proceed();
  }

 private:
  CallCounter& counter_;
  const std::string method_;
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(CallCounter& counter) : counter_(counter) {}

  // "/fracas.model.Agent/Hello" is called Hello. gRPC takes the interceptor over.
  grpc::experimental::Interceptor* CreateServerInterceptor(ServerRpcInfo* call) override {
    const std::string path = call->method();
    return std::make_unique<Interceptor>(counter_, path.substr(path.rfind('/') + 1)).release();
  }

 private:
  CallCounter& counter_;
};

}  // namespace

void CallCounter::count(const std::string& method, grpc::StatusCode code) {
  const std::scoped_lock lock(mutex_);
  ++counts_[{method, name_of(code)}];
}

CallCounter::Counts CallCounter::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> CallCounter::interceptors() {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> all;
  all.push_back(std::make_unique<Factory>(*this));
  return all;
}

}  // namespace fracas::agent
