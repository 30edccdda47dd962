#include "lib/base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace fracas {

void ensure_failed(std::string_view why, const std::source_location& where) {
  std::fprintf(stderr, "%s:%u: internal error: %.*s\n", where.file_name(), where.line(), static_cast<int>(why.size()),
               why.data());
  std::abort();
}

}  // namespace fracas
