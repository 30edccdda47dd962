/* Which moment a victim with a shifted clock means by a deadline. Also called by unit tests. No calls, no globals. */
#ifndef FRACAS_AGENT_CLOCK_DEADLINE_LOGIC_H
#define FRACAS_AGENT_CLOCK_DEADLINE_LOGIC_H
#include "agent/clock/deadline.abi.h"

#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast" /* C has no other. */
#endif

#define FRACAS_DEADLINE_LEFT_MAX (1LL << 58)  /* nine years; a longer wait is only moved */
#define FRACAS_DEADLINE_DRIFT_MAX (1LL << 46) /* 19 hours of drift are counted to 65 us */

/* How far the victim's REALTIME is ahead at `boot_ns`. 0 outside the window. */
static inline __s64 fracas_deadline_shift(const struct fracas_deadline_config* config, __s64 boot_ns) {
  if (boot_ns < config->start_ns || boot_ns >= config->end_ns) return 0;
  const __s64 since = boot_ns - config->start_ns;
  __s64 shift = config->offset_ns;
  if (config->rate_q32) {
    __s64 drifted = since < FRACAS_DEADLINE_DRIFT_MAX ? since : FRACAS_DEADLINE_DRIFT_MAX;
    shift += ((drifted >> 16) * config->rate_q32) >> 16;
  }
  if (config->period_ns && ((__u64)since / config->period_ns) % 2) shift += config->amplitude_ns;
  return shift;
}

/* The true REALTIME of the moment at which the victim's clock, as it runs now, shows `deadline_ns`. */
static inline __s64 fracas_true_deadline(const struct fracas_deadline_config* config, __s64 deadline_ns,
                                         __s64 boot_ns) {
  const __s64 shift = fracas_deadline_shift(config, boot_ns);
  const __s64 now_ns = boot_ns + config->ahead_ns;
  const __s64 left = deadline_ns - now_ns - shift;
  if (left <= 0 || left > FRACAS_DEADLINE_LEFT_MAX || !config->rate_q32) return deadline_ns - shift;
  const __u64 seconds_q32 = (__u64)left >> 32, rest = (__u64)left & 0xffffffffULL;
  return now_ns + (__s64)(seconds_q32 * config->inverse_q30 * 4 + ((rest * config->inverse_q30) >> 30));
}

#ifdef __cplusplus
#pragma GCC diagnostic pop
#endif
#endif
