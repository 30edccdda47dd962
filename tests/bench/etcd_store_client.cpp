#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <string>
#include <utility>

#include "tests/bench/store_clients.h"

namespace fracas::bench {
namespace {

constexpr std::size_t kBytes = 256;

// A field of bytes in a protobuf message. REQUIRES: a number below 16.
std::string field(unsigned number, const std::string& bytes) {
  constexpr unsigned kLengthDelimited = 2;
  std::string out(1, static_cast<char>(number << 3U | kLengthDelimited));
  std::size_t left = bytes.size();
  for (; left >= 0x80; left >>= 7U) out += static_cast<char>(left | 0x80U);
  out += static_cast<char>(left);
  return out + bytes;
}

// What its answers say is of no interest here: their arrival is.
class EtcdStoreClient final : public StoreClient {
 public:
  explicit EtcdStoreClient(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    stub_ = std::make_unique<grpc::GenericStub>(channel_);
  }

  bool put(std::size_t key) override {
    return call("/etcdserverpb.KV/Put", field(1, std::to_string(key)) + field(2, value_));
  }
  bool get(std::size_t key) override { return call("/etcdserverpb.KV/Range", field(1, std::to_string(key))); }

 private:
  bool call(const std::string& method, const std::string& message) {
    const grpc::Slice slice(message);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    grpc::Status status;
    auto call = stub_->PrepareUnaryCall(&context, method, request, &queue);
    call->StartCall();
    call->Finish(&response, &status, this);
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok && status.ok();
  }

  const std::string value_ = std::string(kBytes, 'v');
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

}  // namespace

StoreClients etcd_store(const controller::World& world, const std::string& leader) {
  return [address = world.find(leader)->ipv4 + ":2379"](std::size_t) {
    return std::make_unique<EtcdStoreClient>(address);
  };
}

}  // namespace fracas::bench
