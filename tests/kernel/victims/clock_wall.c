/* Prints every 10 ms how far REALTIME has moved from MONOTONIC since the start, in ms: as the first thread reads them,
   and as another one does. With an argument it also runs that program, with the argument 1, over and over. */
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;
static double start;
static volatile double other;

static double ms(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}
static double moved(void) {
  return ms(CLOCK_REALTIME) - ms(CLOCK_MONOTONIC) - start;
}

static void* read_too(void* unused) {
  for (;;) {
    other = moved();
    usleep(5000);
  }
  return unused;
}

static void* run(void* program) {
  char one[] = "1";
  char* arguments[] = {program, one, NULL};
  for (;;) {
    pid_t child;
    if (posix_spawn(&child, program, NULL, NULL, arguments, environ) == 0) waitpid(child, NULL, 0);
  }
  return NULL;
}

int main(int count, char** arguments) {
  pthread_t thread;
  start = moved();
  pthread_create(&thread, NULL, read_too, NULL);
  if (count > 1) pthread_create(&thread, NULL, run, arguments[1]);
  for (;;) {
    printf("%.1f %.1f\n", moved(), other);
    fflush(stdout);
    usleep(10000);
  }
}
