/* Reads its clocks in N threads without a pause, interrupted by SIGPROF twice a millisecond of its time, and prints
   every 50 ms how many reads it made and how many were wrong:
     reads, MONOTONIC steps back, MONOTONIC jumps of over 2 s, nanoseconds out of range, REALTIME neither right nor
     shifted by one of the two values that its second and third argument give, in ms */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile uint64_t reads, back, jumps, out_of_range, neither;
static int64_t first_ns, second_ns;

static int64_t ns(struct timespec time) {
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}
static void count(volatile uint64_t* counter) {
  __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void on_profile(int number) {
  (void)number;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
}

/* Between two raw reads, so a thread that waits for a processor meanwhile judges no value wrong. */
static int close_to(int64_t seen, int64_t before, int64_t after, int64_t shift) {
  return seen >= before + shift - 1000000 && seen <= after + shift + 1000000;
}

static void judge_realtime(void) {
  struct timespec before, now, after;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &before);
  clock_gettime(CLOCK_REALTIME, &now);
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &after);
  if (now.tv_nsec < 0 || now.tv_nsec >= 1000000000) count(&out_of_range);
  if (!close_to(ns(now), ns(before), ns(after), 0) && !close_to(ns(now), ns(before), ns(after), first_ns) &&
      !close_to(ns(now), ns(before), ns(after), second_ns))
    count(&neither);
}

static void* spin(void* unused) {
  int64_t last = 0;
  for (uint64_t i = 1;; ++i) {
    struct timespec now;
    struct timeval day;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_nsec < 0 || now.tv_nsec >= 1000000000) count(&out_of_range);
    if (ns(now) < last) count(&back);
    if (last != 0 && ns(now) - last > 2000000000) count(&jumps);
    last = ns(now);
    gettimeofday(&day, NULL);
    if (day.tv_usec < 0 || day.tv_usec >= 1000000) count(&out_of_range);
    if (time(NULL) < 1000000) count(&out_of_range);
    if (i % 8 == 0) judge_realtime();
    if (i % 1024 == 0) __atomic_fetch_add(&reads, 4096, __ATOMIC_RELAXED);
  }
  return unused;
}

int main(int count_of_arguments, char** arguments) {
  if (count_of_arguments != 4) return 2;
  first_ns = atoll(arguments[2]) * 1000000;
  second_ns = atoll(arguments[3]) * 1000000;
  struct sigaction action = {0};
  action.sa_handler = on_profile;
  action.sa_flags = SA_RESTART;
  sigaction(SIGPROF, &action, NULL);
  const struct itimerval timer = {{0, 500}, {0, 500}};
  setitimer(ITIMER_PROF, &timer, NULL);
  for (int i = atoi(arguments[1]); i > 0; --i) {
    pthread_t thread;
    pthread_create(&thread, NULL, spin, NULL);
  }
  for (;;) {
    struct timespec pause = {0, 50000000};
    nanosleep(&pause, NULL);
    printf("%lu %lu %lu %lu %lu\n", reads, back, jumps, out_of_range, neither);
    fflush(stdout);
  }
}
