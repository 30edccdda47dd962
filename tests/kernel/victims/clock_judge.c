/* Judges its own clock in four threads without a pause: each reading of CLOCK_REALTIME through the vDSO must lie
   between two raw ones. Prints every 20 ms, for the time since the line before: readings, those shifted by a minute or
   by -90 s, those wrong in another way, steps back of CLOCK_MONOTONIC */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const int64_t kShifts[] = {60000000000LL, -90000000000LL};
static uint64_t readings, shifted, wrong, back;

static int64_t ns(const struct timespec* time) {
  return time->tv_sec * 1000000000LL + time->tv_nsec;
}
static void count(uint64_t* counter) {
  __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}
static unsigned long take(uint64_t* counter) {
  return __atomic_exchange_n(counter, 0, __ATOMIC_RELAXED);
}

static int between(int64_t now, int64_t before, int64_t after, int64_t shift) {
  return now >= before + shift && now <= after + shift;
}

static void judge(void) {
  struct timespec before, now, after;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &before);
  clock_gettime(CLOCK_REALTIME, &now);
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &after);
  count(&readings);
  if (between(ns(&now), ns(&before), ns(&after), 0)) return;
  for (int i = 0; i < 2; ++i)
    if (between(ns(&now), ns(&before), ns(&after), kShifts[i])) {
      count(&shifted);
      return;
    }
  count(&wrong);
}

static void* spin(void* unused) {
  for (int64_t last = 0;;) {
    struct timespec now;
    for (int i = 0; i < 100; ++i) judge();
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (ns(&now) < last) count(&back);
    last = ns(&now);
  }
  return unused;
}

int main(void) {
  for (int i = 0; i < 4; ++i) {
    pthread_t thread;
    pthread_create(&thread, NULL, spin, NULL);
  }
  for (;;) {
    const struct timespec pause = {0, 20000000};
    nanosleep(&pause, NULL);
    printf("%lu %lu %lu %lu\n", take(&readings), take(&shifted), take(&wrong), take(&back));
    fflush(stdout);
  }
}
