/* Prints every 10 ms, in ms, how far each way of reading a clock is from what the kernel says:
     clock_gettime REALTIME, its coarse variant, gettimeofday, time, timespec_get, MONOTONIC, BOOTTIME
   With an argument it prints that once. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static double ms(struct timespec time) {
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double raw(int clock) {
  struct timespec now;
  syscall(SYS_clock_gettime, clock, &now);
  return ms(now);
}

static double seen(int clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return ms(now);
}

int main(int argc, char** argv) {
  (void)argv;
  for (;;) {
    struct timeval day;
    struct timespec utc;
    const double real = raw(CLOCK_REALTIME);
    gettimeofday(&day, NULL);
    timespec_get(&utc, TIME_UTC);
    printf("%.1f %.1f %.1f %.1f %.1f", seen(CLOCK_REALTIME) - real, seen(CLOCK_REALTIME_COARSE) - real,
           (double)day.tv_sec * 1e3 + (double)day.tv_usec / 1e3 - real, (double)time(NULL) * 1e3 - real,
           ms(utc) - real);
    const double monotonic = raw(CLOCK_MONOTONIC);
    const double boot = raw(CLOCK_BOOTTIME);
    printf(" %.1f %.1f\n", seen(CLOCK_MONOTONIC) - monotonic, seen(CLOCK_BOOTTIME) - boot);
    fflush(stdout);
    if (argc > 1) return 0;
    usleep(10000);
  }
}
