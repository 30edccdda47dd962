#pragma once
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace fracas {

// What went wrong, in words a user can act on: the step that failed, then the cause.
// `code` is an errno value where a system call failed, 0 otherwise; it survives `context`.
struct Error {
  std::string message;
  int code = 0;

  // Puts the step that failed in front: "net.delay on eth0: no such device".
  Error context(std::string_view step) && {
    message.insert(0, std::string(step) + ": ");
    return std::move(*this);
  }
};

// The value, or the reason there is none. Used for everything that may fail in a correct program.
template <typename T>
using Result = tl::expected<T, Error>;

// For functions that only succeed or fail.
using Status = Result<void>;

inline tl::unexpected<Error> failure(std::string message, int code = 0) {
  return tl::unexpected<Error>(Error{std::move(message), code});
}

inline tl::unexpected<Error> failure(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// A failed system call: "STEP: strerror(code)". Reads errno at the call when `code` is not given.
tl::unexpected<Error> system_failure(std::string_view step, int code);
tl::unexpected<Error> system_failure(std::string_view step);

}  // namespace fracas
