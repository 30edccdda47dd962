/* Waits over and over for a moment 200 ms ahead on CLOCK_REALTIME, in each way there is at once, and prints, in ms, how
   long each wait took by MONOTONIC: clock_nanosleep, sem_timedwait, pthread_cond_timedwait, timerfd, POSIX timer. The
   sixth number counts moments that the program found changed in its memory afterwards. */
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

static _Atomic int changed;
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
  if (memcmp(&value.it_value, moment, sizeof *moment) != 0) ++changed;
  if (read(timer_fd, &expired, sizeof expired) < 0) perror("timerfd");
}

static void timer_until(struct timespec* moment) {
  struct itimerspec value = {.it_value = *moment};
  sigset_t expected;
  sigemptyset(&expected);
  sigaddset(&expected, SIGRTMIN);
  timer_settime(timer, TIMER_ABSTIME, &value, NULL);
  if (memcmp(&value.it_value, moment, sizeof *moment) != 0) ++changed;
  /* It fails when the program is stopped and goes on. */
  while (sigwaitinfo(&expected, NULL) < 0) continue;
}

struct way {
  void (*wait_until)(struct timespec*);
  double took_ms;
  pthread_t thread;
};

static void* measure(void* argument) {
  struct way* way = argument;
  struct timespec moment, kept, start, end;
  /* First, so that a processor that is taken away meanwhile makes the wait look longer, never shorter. */
  clock_gettime(CLOCK_MONOTONIC, &start);
  kept = moment = soon();
  way->wait_until(&moment);
  clock_gettime(CLOCK_MONOTONIC, &end);
  if (memcmp(&moment, &kept, sizeof moment) != 0) ++changed;
  way->took_ms = (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
  return NULL;
}

int main(void) {
  struct way ways[] = {{.wait_until = nanosleep_until},
                       {.wait_until = semaphore_until},
                       {.wait_until = condition_until},
                       {.wait_until = timerfd_until},
                       {.wait_until = timer_until}};
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  sem_init(&never, 0, 0);
  timer_create(CLOCK_REALTIME, &event, &timer);
  timer_fd = timerfd_create(CLOCK_REALTIME, 0);
  for (;;) {
    for (int i = 0; i < 5; ++i) pthread_create(&ways[i].thread, NULL, measure, &ways[i]);
    for (int i = 0; i < 5; ++i) pthread_join(ways[i].thread, NULL);
    for (int i = 0; i < 5; ++i) printf("%.1f ", ways[i].took_ms);
    printf("%d\n", changed);
    fflush(stdout);
  }
}
