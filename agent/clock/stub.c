/* The code that answers clock calls in a victim. It is linked at address 0 as one position-independent block, header
   first, and lives in the unused bytes behind the victim's vDSO image. It may not write there: the mapping is r-x. */
#include "agent/clock/stub.logic.h"

#define NS_PER_S 1000000000LL
/* REALTIME, REALTIME_COARSE, REALTIME_ALARM; MONOTONIC, MONOTONIC_COARSE. RAW, BOOTTIME and TAI stay right. */
#define REALTIME_CLOCKS ((1u << 0) | (1u << 5) | (1u << 8))
#define MONOTONIC_CLOCKS ((1u << 1) | (1u << 6))
#define REALTIME_COARSE 5

#define IN_STUB __attribute__((section(".stub.text")))
#define HIDDEN __attribute__((visibility("hidden")))

struct stub_timespec {
  int64_t sec, nsec;
};
struct stub_timeval {
  int64_t sec, usec;
};

extern volatile struct fracas_clock_header fracas_header HIDDEN;
HIDDEN int fracas_trampoline(int clock, struct stub_timespec* time);

__asm__(
    ".section .stub.header, \"aw\"\n"
    ".hidden fracas_header\n"
    ".globl fracas_header\n"
    "fracas_header:\n"
    ".ascii \"" FRACAS_CLOCK_MAGIC
    "\"\n"
    ".quad 0\n"
    ".long fracas_end - fracas_header\n"
    ".long fracas_clock_gettime - fracas_header\n"
    ".long fracas_gettimeofday - fracas_header\n"
    ".long fracas_time - fracas_header\n"
    ".long fracas_trampoline - fracas_header\n"
    ".long fracas_shifted - fracas_header\n"
    ".long 0, 0\n"
    ".fill 192, 1, 0\n"
    ".section .stub.text, \"ax\"\n");

/* Apart, so that the agent can count its calls by a breakpoint. */
IN_STUB __attribute__((noinline, used)) HIDDEN void fracas_shifted(struct stub_timespec* time, int64_t shift) {
  const int64_t now = time->sec * NS_PER_S + time->nsec + shift;
  int64_t sec = now / NS_PER_S;
  int64_t nsec = now - sec * NS_PER_S;
  if (nsec < 0) {
    nsec += NS_PER_S;
    sec -= 1;
  }
  time->sec = sec;
  time->nsec = nsec;
}

IN_STUB __attribute__((noinline)) static int64_t read_shift(int monotonic, int64_t now_ns) {
  int64_t shift;
  uint32_t index;
  do {
    index = fracas_header.index;
    __asm__ volatile("" ::: "memory");
    shift = fracas_clock_shift(&fracas_header.config[index % 2].group[monotonic], now_ns, monotonic);
    __asm__ volatile("" ::: "memory");
  } while (index != fracas_header.index);
  return shift;
}

IN_STUB __attribute__((used)) HIDDEN int fracas_clock_gettime(int clock, struct stub_timespec* time) {
  const int result = fracas_trampoline(clock, time);
  if (result != 0 || (unsigned)clock > 31 || !(((REALTIME_CLOCKS | MONOTONIC_CLOCKS) >> clock) & 1)) return result;
  const int64_t shift = read_shift((MONOTONIC_CLOCKS >> clock) & 1, time->sec * NS_PER_S + time->nsec);
  if (shift != 0) fracas_shifted(time, shift);
  return 0;
}

IN_STUB __attribute__((used)) HIDDEN int fracas_gettimeofday(struct stub_timeval* time, void* zone) {
  long result = 0;
  if (time) {
    struct stub_timespec now;
    result = fracas_clock_gettime(0, &now);
    if (result != 0) return (int)result;
    time->sec = now.sec;
    time->usec = (int64_t)((uint32_t)now.nsec / 1000u);
  }
  if (zone) {
    result = 96; /* gettimeofday, for the time zone alone */
    __asm__ volatile("syscall" : "+a"(result) : "D"(0L), "S"(zone) : "rcx", "r11", "memory");
  }
  return (int)result;
}

IN_STUB __attribute__((used)) HIDDEN int64_t fracas_time(int64_t* out) {
  struct stub_timespec now = {0, 0};
  fracas_clock_gettime(REALTIME_COARSE, &now);
  if (out) *out = now.sec;
  return now.sec;
}

__asm__(
    ".section .stub.trampoline, \"ax\"\n"
    ".hidden fracas_trampoline, fracas_end\n"
    ".globl fracas_trampoline, fracas_end\n"
    "fracas_trampoline:\n"
    ".fill 48, 1, 0xcc\n"
    "fracas_end:\n"
    ".previous\n");
