#include "controller/serve/host_name.h"

#include <sys/utsname.h>

namespace fracas::controller {

std::string host_name() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "";
}

}  // namespace fracas::controller
