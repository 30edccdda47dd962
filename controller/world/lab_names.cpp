#include "controller/world/lab_names.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

namespace fracas::controller {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::string_view kDomain = ".lab";
constexpr std::size_t kQueryMax = 4096;

std::string lower(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

struct Question {
  std::string name;
  unsigned type = 0;
  std::size_t end = 0;  // of the question in the message
};

std::optional<Question> parse_question(std::span<const std::byte> query) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(query.data());
  ns_msg message;
  ns_rr record;
  if (ns_initparse(bytes, static_cast<int>(query.size()), &message) != 0) return std::nullopt;
  if (ns_msg_getflag(message, ns_f_qr) != 0 || ns_msg_getflag(message, ns_f_opcode) != ns_o_query) return std::nullopt;
  if (ns_msg_count(message, ns_s_qd) != 1 || ns_parserr(&message, ns_s_qd, 0, &record) != 0) return std::nullopt;
  const int name_bytes = dn_skipname(bytes + NS_HFIXEDSZ, bytes + query.size());
  if (name_bytes < 0) return std::nullopt;
  return Question{.name = lower(ns_rr_name(record)),
                  .type = ns_rr_type(record),
                  .end = NS_HFIXEDSZ + static_cast<std::size_t>(name_bytes) + NS_QFIXEDSZ};
}

void append(std::vector<std::byte>& message, std::span<const unsigned char> bytes) {
  const auto as_bytes = std::as_bytes(bytes);
  message.insert(message.end(), as_bytes.begin(), as_bytes.end());
}

// One record for the name of the question, if there is an address of the asked kind.
bool append_address(std::vector<std::byte>& message, const LabAddress& address, unsigned type) {
  std::array<unsigned char, 16> bytes{};
  const bool ipv6 = type == ns_t_aaaa;
  if (!ipv6 && type != ns_t_a) return false;
  if (::inet_pton(ipv6 ? AF_INET6 : AF_INET, (ipv6 ? address.ipv6 : address.ipv4).c_str(), bytes.data()) != 1)
    return false;
  const auto size = static_cast<unsigned char>(ipv6 ? 16 : 4);
  const unsigned char head[] = {0xc0, NS_HFIXEDSZ, 0,   static_cast<unsigned char>(type), 0, ns_c_in, 0, 0, 0,
                                0,    0,           size};
  append(message, head);
  append(message, std::span(bytes).first(size));
  return true;
}

}  // namespace

std::string resolver_endpoint(const LabPlan& plan) {
  return fmt::format("{}:{}", plan.clients.ipv4, kDnsPort);
}

std::string host_name(std::string_view host) {
  return std::string(host) + std::string(kDomain);
}

std::optional<std::vector<std::byte>> answer_query(std::span<const std::byte> query, const HostNames& names) {
  const auto question = parse_question(query);
  if (!question || question->end > query.size()) return std::nullopt;
  std::vector<std::byte> answer(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(question->end));
  const auto known = names.find(question->name);
  answer[2] = std::byte{0x84} | (answer[2] & std::byte{1});  // an answer with authority; recursion as it was desired
  answer[3] = known == names.end() ? std::byte{ns_r_nxdomain} : std::byte{ns_r_noerror};
  std::fill(answer.begin() + 6, answer.begin() + NS_HFIXEDSZ, std::byte{0});
  if (known != names.end() && append_address(answer, known->second, question->type)) answer[7] = std::byte{1};
  return answer;
}

Result<std::unique_ptr<LabNames>> LabNames::start(const LabPlan& plan, const os::NetNamespace& clients) {
  HostNames names;
  for (const LabHostPlan& host : plan.hosts) names[host_name(host.name)] = host.address;
  os::UniqueFd socket;
  auto bound = clients.run([&]() -> Status {
    socket.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return system_failure("lab: a socket for DNS");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(kDnsPort);
    if (::inet_pton(AF_INET, plan.clients.ipv4.c_str(), &address.sin_addr) != 1) return failure("lab: a bad address");
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return system_failure("lab: take the DNS port");
    return {};
  });
  if (!bound) return failure(std::move(bound).error());
  os::UniqueFd stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop) return system_failure("lab: eventfd");
  return std::unique_ptr<LabNames>(new LabNames(std::move(socket), std::move(stop), std::move(names)));
}

LabNames::LabNames(os::UniqueFd socket, os::UniqueFd stop, HostNames names)
    : socket_(std::move(socket)), stop_(std::move(stop)), names_(std::move(names)), thread_([this] { serve(); }) {}

LabNames::~LabNames() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_.get(), &one, sizeof one));
}

void LabNames::serve() const {
  std::array<pollfd, 2> waiting = {pollfd{socket_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
  std::vector<std::byte> room(kQueryMax);
  while (::poll(waiting.data(), waiting.size(), -1) >= 0 || errno == EINTR) {
    if ((waiting[1].revents & POLLIN) != 0) return;
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    auto* asker = reinterpret_cast<sockaddr*>(&from);
    const ssize_t bytes = ::recvfrom(socket_.get(), room.data(), room.size(), 0, asker, &size);
    if (bytes <= 0) continue;
    const auto answer = answer_query(std::span(room).first(static_cast<std::size_t>(bytes)), names_);
    if (answer) static_cast<void>(::sendto(socket_.get(), answer->data(), answer->size(), 0, asker, size));
  }
}

}  // namespace fracas::controller
