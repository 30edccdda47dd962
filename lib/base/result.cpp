#include "lib/base/result.h"

#include <cerrno>
#include <system_error>

namespace fracas {

tl::unexpected<Error> system_failure(std::string_view step, int code) {
  return failure(std::string(step) + ": " + std::generic_category().message(code), code);
}

tl::unexpected<Error> system_failure(std::string_view step) {
  return system_failure(step, errno);
}

}  // namespace fracas
