/* How far a clock is shifted: the arithmetic of the stub, also called by unit tests. No calls, no globals. */
#ifndef FRACAS_AGENT_CLOCK_STUB_LOGIC_H
#define FRACAS_AGENT_CLOCK_STUB_LOGIC_H
#include "agent/clock/stub.abi.h"

__extension__ typedef __int128 fracas_wide;

#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast" /* C has no other. */
#endif

/* Nanoseconds to add to a reading `now_ns`. `monotonic`: the rules of group 1. */
static inline int64_t fracas_clock_shift(const volatile struct fracas_clock_group* group, int64_t now_ns,
                                         int monotonic) {
  const int64_t since = now_ns - group->start_ns;
  if (now_ns < group->start_ns) return 0;
  int64_t over = now_ns - group->end_ns;
  if (over >= 0 && !monotonic) return 0;
  if (over < 0) over = 0;
  int64_t shift = group->offset_ns;
  const int64_t rate = group->rate_q32;
  if (rate) shift += (int64_t)(((fracas_wide)(since - over) * rate) >> 32);
  const uint64_t period = group->period_ns;
  if (period && ((uint64_t)since / period) % 2) shift += group->amplitude_ns;
  if (!monotonic) return shift;
  if (shift < 0) {
    const int64_t slowest = -(since - since / 8);
    if (over) return 0;
    return shift < slowest ? slowest : shift;
  }
  shift -= over - over / 8;
  return shift < 0 ? 0 : shift;
}

#ifdef __cplusplus
#pragma GCC diagnostic pop
#endif
#endif
