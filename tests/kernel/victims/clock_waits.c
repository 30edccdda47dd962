/* Waits over and over for a moment 200 ms ahead on CLOCK_REALTIME, in each way there is, and prints, in ms, how long
   each wait took by MONOTONIC: clock_nanosleep, sem_timedwait, pthread_cond_timedwait, timerfd, POSIX timer. The sixth
   number counts moments that the program found changed in its memory afterwards. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int changed;
static sem_t never;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static timer_t timer;
static int timer_fd;

static struct timespec soon(void) {
  struct timespec moment;
  clock_gettime(CLOCK_REALTIME, &moment);
  moment.tv_nsec += 200000000;
  if (moment.tv_nsec >= 1000000000) {
    moment.tv_nsec -= 1000000000;
    moment.tv_sec += 1;
  }
  return moment;
}

static void nanosleep_until(struct timespec* moment) {
  clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, moment, NULL);
}

static void semaphore_until(struct timespec* moment) {
  sem_timedwait(&never, moment);
}

static void condition_until(struct timespec* moment) {
  pthread_mutex_lock(&mutex);
  pthread_cond_timedwait(&condition, &mutex, moment);
  pthread_mutex_unlock(&mutex);
}

static void timerfd_until(struct timespec* moment) {
  struct itimerspec value = {.it_value = *moment};
  uint64_t expired;
  timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &value, NULL);
  changed += memcmp(&value.it_value, moment, sizeof *moment) != 0;
  if (read(timer_fd, &expired, sizeof expired) < 0) perror("timerfd");
}

static void timer_until(struct timespec* moment) {
  struct itimerspec value = {.it_value = *moment};
  sigset_t expected;
  sigemptyset(&expected);
  sigaddset(&expected, SIGRTMIN);
  timer_settime(timer, TIMER_ABSTIME, &value, NULL);
  changed += memcmp(&value.it_value, moment, sizeof *moment) != 0;
  sigwaitinfo(&expected, NULL);
}

static double measure(void (*wait_until)(struct timespec*)) {
  struct timespec moment = soon(), kept = moment, start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  wait_until(&moment);
  clock_gettime(CLOCK_MONOTONIC, &end);
  changed += memcmp(&moment, &kept, sizeof moment) != 0;
  return (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
}

int main(void) {
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  sem_init(&never, 0, 0);
  timer_create(CLOCK_REALTIME, &event, &timer);
  timer_fd = timerfd_create(CLOCK_REALTIME, 0);
  for (;;) {
    printf("%.1f ", measure(nanosleep_until));
    printf("%.1f ", measure(semaphore_until));
    printf("%.1f ", measure(condition_until));
    printf("%.1f ", measure(timerfd_until));
    printf("%.1f ", measure(timer_until));
    printf("%d\n", changed);
    fflush(stdout);
  }
}
