/* Every byte shared by the stub inside a victim and by the agent that writes it there. C and C++. */
#ifndef FRACAS_AGENT_CLOCK_STUB_ABI_H
#define FRACAS_AGENT_CLOCK_STUB_ABI_H
#include <stdint.h>

#define FRACAS_CLOCK_MAGIC "FRCLOCK1"
#define FRACAS_CLOCK_GROUPS 2
#define FRACAS_CLOCK_TRAMPOLINE_BYTES 48

/* How one family of clocks is shifted. Times are nanoseconds of that family's own, unshifted clock, so that looking at
   the window costs no second clock read. From start on:
     shift(now) = offset + (now - start) * rate_q32 / 2^32 + (amplitude in every second period, the first excluded)
   Group 0, REALTIME: the shift is zero from `end` on.
   Group 1, MONOTONIC: what the victim reads never steps back. A shift forwards melts away after `end`, a shift
   backwards grows after `start`, both by 7/8 ns a ns: the clock then runs at one eighth of its speed. */
struct fracas_clock_group {
  int64_t start_ns; /* INT64_MAX: never */
  int64_t end_ns;
  int64_t offset_ns;
  int64_t rate_q32; /* added rate, 32.32 fixed point */
  int64_t amplitude_ns;
  uint64_t period_ns; /* 0: no strobe */
};

struct fracas_clock_config {
  struct fracas_clock_group group[FRACAS_CLOCK_GROUPS];
};

/* The beginning of the stub. Offsets are bytes from here. A new config is written in two steps without stopping the
   victim: config[(index + 1) % 2] first, then index; a reader that saw index change reads again. */
struct fracas_clock_header {
  char magic[8];
  uint64_t owner; /* who patched: two faults do not share a victim */
  uint32_t size;  /* of the whole stub */
  uint32_t clock_gettime;
  uint32_t gettimeofday;
  uint32_t time;
  uint32_t trampoline; /* FRACAS_CLOCK_TRAMPOLINE_BYTES that the agent fills in: the original clock_gettime */
  uint32_t shifted;    /* an instruction that runs once for every read that was shifted */
  uint32_t reserved;
  uint32_t index;
  struct fracas_clock_config config[2];
};

#ifdef __cplusplus
static_assert(sizeof(fracas_clock_group) == 48 && sizeof(fracas_clock_header) == 240, "the stub's layout is fixed");
#else
_Static_assert(sizeof(struct fracas_clock_group) == 48, "the stub's layout is fixed");
_Static_assert(sizeof(struct fracas_clock_header) == 240, "the stub's layout is fixed");
#endif
#endif
