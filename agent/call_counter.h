#pragma once
#include <grpcpp/support/server_interceptor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace fracas::agent {

// How many calls controllers made, by the method's name and the answer's status ("OK", "PERMISSION_DENIED", …).
// Thread: any.
class CallCounter {
 public:
  using Counts = std::map<std::pair<std::string, std::string>, std::uint64_t>;

  void count(const std::string& method, grpc::StatusCode code);
  Counts counts() const;

  // What makes a server count its calls here. The counter outlives the server.
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors();

 private:
  mutable std::mutex mutex_;
  Counts counts_;
};

}  // namespace fracas::agent
