#include "lib/base/trace_context.h"

#include <thread>

#include "tests/catch/catch.h"

using namespace fracas;

namespace {

const TraceContext kContext{.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736", .span_id = "00f067aa0ba902b7"};

}  // namespace

TEST_CASE("trace context: its text reads as the same, other texts as nothing", "[unit][base]") {
  CHECK(to_text(kContext) == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  CHECK(parse_trace(to_text(kContext)) == kContext);
  CHECK(parse_trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00") == kContext);
  for (const char* wrong : {"", "00", "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736.00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"}) {
    INFO(wrong);
    CHECK_FALSE(parse_trace(wrong));
  }
}

TEST_CASE("trace context: a thread's own goes before the program's", "[unit][base]") {
  const TraceContext other{.trace_id = "1bf92f3577b34da6a3ce929d0e0e4736", .span_id = "10f067aa0ba902b7"};
  log::trace_program(kContext);
  log::trace_thread(other);
  CHECK(log::current_trace() == other);
  std::optional<TraceContext> elsewhere;
  std::thread([&elsewhere] { elsewhere = log::current_trace(); }).join();
  CHECK(elsewhere == kContext);
  log::trace_thread({});
  CHECK(log::current_trace() == kContext);
  log::trace_program({});
  CHECK_FALSE(log::current_trace());
}
