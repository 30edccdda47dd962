#include "lib/os/fd.h"

#include <unistd.h>

namespace fracas::os {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

}  // namespace fracas::os
