#pragma once
#include <bpf/libbpf.h>

#include <memory>

namespace fracas::agent {

struct DestroyLink {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
// An attached program; it is detached with its last descriptor.
using Link = std::unique_ptr<bpf_link, DestroyLink>;

}  // namespace fracas::agent
