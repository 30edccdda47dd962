/* A service for faults to attack: it uses its disk, its network, its clock, descriptors and processes all the time,
   takes every error for an answer, and prints every 20 ms what it did since the line before: process id, clock reads,
   wrong ones, echoes, synced writes, forks, errors "busy work ADDRESS PORT" works in its working folder and with the
   echo service there; "busy echo PORT" is that one. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t reads, wrong, echoes, writes, forks, errors;

static void add(uint64_t* counter) {
  __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}
static unsigned long take(uint64_t* counter) {
  return __atomic_exchange_n(counter, 0, __ATOMIC_RELAXED);
}
static void pause_ms(long ms) {
  const struct timespec pause = {0, ms * 1000000};
  nanosleep(&pause, NULL);
}
static int64_t ns(const struct timespec* time) {
  return time->tv_sec * 1000000000LL + time->tv_nsec;
}

static void on_crash(int number) {
  char text[64];
  const int length = snprintf(text, sizeof text, "\nCRASH signal %d process %d\n", number, getpid());
  if (write(1, text, (size_t)length) < 0) _exit(98);
  _exit(99);
}

/* What the vDSO says must lie between two raw reads, whenever this thread was interrupted. */
static void read_clock(clockid_t clock) {
  struct timespec before, now, after;
  syscall(SYS_clock_gettime, clock, &before);
  clock_gettime(clock, &now);
  syscall(SYS_clock_gettime, clock, &after);
  add(&reads);
  if (ns(&now) < ns(&before) || ns(&now) > ns(&after)) add(&wrong);
}

static void* use_clock(void* unused) {
  for (;;) {
    for (int i = 0; i < 20; ++i) read_clock(i % 2 == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC);
    pause_ms(1);
  }
  return unused;
}

static int write_file(void) {
  char text[512];
  memset(text, 'x', sizeof text);
  const int file = open("log.new", O_CREAT | O_WRONLY | O_TRUNC, 0644);
  if (file < 0) return 0;
  int good = write(file, text, sizeof text) == (ssize_t)sizeof text;
  good = fsync(file) == 0 && good;
  close(file);
  return rename("log.new", "log") == 0 && good;
}

static void* use_disk(void* unused) {
  for (;;) {
    add(write_file() ? &writes : &errors);
    pause_ms(5);
  }
  return unused;
}

static int ready_for(int fd, short events) {
  struct pollfd waiting = {fd, events, 0};
  return poll(&waiting, 1, 100) == 1 && (waiting.revents & events);
}

static int connect_to(const struct sockaddr_in* peer) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int error = connect(fd, (const struct sockaddr*)peer, sizeof *peer) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    socklen_t size = sizeof error;
    if (!ready_for(fd, POLLOUT) || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = ETIMEDOUT;
  }
  if (error == 0) return fd;
  close(fd);
  return -1;
}

static int echo_once(int fd) {
  char byte = 'x';
  return send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && ready_for(fd, POLLIN) && recv(fd, &byte, 1, 0) == 1;
}

/* A new connection now and then, so that connect is called too. */
static void* use_network(void* peer) {
  int fd = -1;
  for (int i = 0;; ++i) {
    if (fd < 0) fd = connect_to(peer);
    const int good = fd >= 0 && echo_once(fd);
    add(good ? &echoes : &errors);
    if (fd >= 0 && (!good || i % 20 == 19)) {
      close(fd);
      fd = -1;
    }
    pause_ms(3);
  }
  return NULL;
}

static void* use_processes(void* unused) {
  for (;;) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) waitpid(child, NULL, 0);
    add(child > 0 ? &forks : &errors);
    pause_ms(10);
  }
  return unused;
}

static void start(void* (*work)(void*), void* argument) {
  pthread_t thread;
  while (pthread_create(&thread, NULL, work, argument) != 0) {
    add(&errors);
    pause_ms(10);
  }
}

static void* serve(void* connection) {
  const int fd = (int)(intptr_t)connection;
  char text[64];
  for (ssize_t got; (got = recv(fd, text, sizeof text, 0)) > 0;)
    if (send(fd, text, (size_t)got, MSG_NOSIGNAL) != got) break;
  close(fd);
  return NULL;
}

static int echo(const struct sockaddr_in* address) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (const struct sockaddr*)address, sizeof *address) != 0 || listen(listener, 64) != 0) return 1;
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    const int fd = accept(listener, NULL, NULL);
    pthread_t thread;
    if (fd < 0) continue;
    if (pthread_create(&thread, NULL, serve, (void*)(intptr_t)fd) != 0)
      close(fd);
    else
      pthread_detach(thread);
  }
}

static void work(struct sockaddr_in* peer) {
  start(use_clock, NULL);
  start(use_disk, NULL);
  start(use_network, peer);
  start(use_processes, NULL);
  for (;;) {
    pause_ms(20);
    printf("%d %lu %lu %lu %lu %lu %lu\n", getpid(), take(&reads), take(&wrong), take(&echoes), take(&writes),
           take(&forks), take(&errors));
    fflush(stdout);
  }
}

int main(int count, char** arguments) {
  static struct sockaddr_in address = {.sin_family = AF_INET};
  for (int number = 1; number < 32; ++number)
    if (number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE || number == SIGTRAP ||
        number == SIGSYS)
      signal(number, on_crash);
  if (count == 3 && strcmp(arguments[1], "echo") == 0) {
    address.sin_port = htons((uint16_t)atoi(arguments[2]));
    return echo(&address);
  }
  if (count != 4 || strcmp(arguments[1], "work") != 0) return 2;
  if (inet_pton(AF_INET, arguments[2], &address.sin_addr) != 1) return 2;
  address.sin_port = htons((uint16_t)atoi(arguments[3]));
  work(&address);
}
