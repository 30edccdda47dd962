#include "agent/syscalls/syscall_rule.h"

#include <sys/syscall.h>

#include <cerrno>

#include "tests/catch/catch.h"

namespace fracas::agent {
namespace {

SyscallControl armed(const SyscallRule& rule) {
  SyscallControl control{};
  write_rule(control, rule);
  set_lease_end(control.fault, 2'000);
  set_window(control.fault, {500, 1'500});
  return control;
}

}  // namespace

TEST_CASE("system call rule: names of calls and errors are those of the manual", "[unit][agent]") {
  CHECK(syscall_number("fdatasync").value() == SYS_fdatasync);
  CHECK(syscall_number("openat").value() == SYS_openat);
  CHECK(error_number("ECONNRESET").value() == ECONNRESET);
  CHECK(error_number("EIO").value() == EIO);
  CHECK(syscall_number("fsink").error().message == "there is no system call 'fsink' here");
  CHECK(error_number("EGRAVITY").error().message == "there is no error 'EGRAVITY'");
}

TEST_CASE("system call rule: what a process cannot live without is not taken away", "[unit][agent]") {
  const auto name = GENERATE(as<std::string>(), "exit", "exit_group", "rt_sigreturn", "restart_syscall");
  CHECK(syscall_number(name).error().message == "the system call '" + name + "' cannot be disturbed");
}

TEST_CASE("system call rule: senseless ones are refused", "[unit][agent]") {
  CHECK(check_syscall_rule({.calls = {1}, .error = EIO}));
  CHECK_FALSE(check_syscall_rule({.calls = {}, .error = EIO}));
  CHECK_FALSE(check_syscall_rule({.calls = {512}, .error = EIO}));
  CHECK_FALSE(check_syscall_rule({.calls = {1}, .share = 0, .error = EIO}));
  CHECK_FALSE(check_syscall_rule({.calls = {1}, .error = 5'000}));
  CHECK_FALSE(check_syscall_rule({.calls = {1}}));
  CHECK_FALSE(check_syscall_rule({.calls = {1}, .delay = std::chrono::minutes(2)}));
}

TEST_CASE("system call judge: only chosen calls inside window and lease", "[unit][agent]") {
  SyscallControl control = armed({.calls = {75, 130}, .error = EIO, .delay = std::chrono::nanoseconds(7)});
  CHECK(judge(control, 75, 499).error == 0);
  CHECK(judge(control, 75, 500).error == EIO);
  CHECK(judge(control, 130, 1'499).delay_ns == 7);
  CHECK(judge(control, 75, 1'500).error == 0);
  CHECK(judge(control, 74, 1'000).error == 0);
  CHECK(judge(control, ~std::uint64_t{0}, 1'000).error == 0);
  set_lease_end(control.fault, 1'000);
  CHECK(judge(control, 75, 1'000).error == 0);
  CHECK(counters_of(control.fault).matched == 2);
}

TEST_CASE("system call judge: the share is kept", "[unit][agent]") {
  SyscallControl control = armed({.calls = {1}, .share = 0.25, .seed = 4, .error = EIO});
  int hits = 0;
  for (int i = 0; i < 4'000; ++i)
    if (judge(control, 1, 1'000).error != 0) ++hits;
  CHECK(hits > 900);
  CHECK(hits < 1'100);
}

TEST_CASE("fault control: it is over when stopped, or when window or lease are", "[unit][agent]") {
  FaultControl control{};
  set_lease_end(control, 1'000);
  CHECK_FALSE(is_over(control, 999));
  CHECK(is_over(control, 1'000));
  CHECK(until_start(control, 0) > 1'000'000'000);
  set_window(control, {100, 200});
  CHECK(until_start(control, 40) == 60);
  CHECK_FALSE(is_over(control, 199));
  CHECK(is_over(control, 200));
  set_window(control, {100, 300});
  CHECK(acts(control, 250));
  stop(control);
  CHECK(is_over(control, 150));
  CHECK_FALSE(acts(control, 150));
}

}  // namespace fracas::agent
