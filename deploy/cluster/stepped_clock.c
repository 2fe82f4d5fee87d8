// A wall clock that can be stepped under a process, to be preloaded: what it
// asks the time of is late or early by the seconds in the file STEPPED_CLOCK,
// eight octets of this machine's order. Waits until a time of day end when the
// stepped clock says so. The monotonic clock is left alone, as it is by those
// who set a machine's clock.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* step;

__attribute__((constructor)) static void Map(void) {
  const char* path = getenv("STEPPED_CLOCK");
  const int file = path == NULL ? -1 : open(path, O_RDONLY);
  if (file >= 0) {
    void* mapped = mmap(NULL, sizeof(*step), PROT_READ, MAP_SHARED, file, 0);
    step = mapped == MAP_FAILED ? NULL : mapped;
    close(file);
  }
}

static int64_t Step(void) { return step == NULL ? 0 : *step; }

static long (*RealSyscall(void))(long, ...) {
  static long (*real)(long, ...);
  if (real == NULL) {
    real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  }
  return real;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  const long result = RealSyscall()(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += Step();
  }
  return (int)result;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  (void)zone;
  struct timespec exact;
  const int result = clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return result;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) {
    *out = now.tv_sec;
  }
  return now.tv_sec;
}

// The kernel's time of the same moment.
static struct timespec Unstepped(const struct timespec* until) {
  struct timespec real = *until;
  real.tv_sec -= Step();
  if (real.tv_sec < 0) {
    real.tv_sec = 0;
  }
  return real;
}

typedef int (*Wait)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);

int pthread_cond_timedwait(pthread_cond_t* restrict changed, pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict until) {
  static Wait real_wait;
  if (real_wait == NULL) {
    // By version: the oldest one, of LinuxThreads, is found first without it.
    Wait found = (Wait)dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    real_wait = found != NULL ? found : (Wait)dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  }
  // What was made for the monotonic clock counts from the start of the machine.
  const int is_time_of_day = until->tv_sec > 1000000000;
  const struct timespec real = is_time_of_day ? Unstepped(until) : *until;
  return real_wait(changed, mutex, &real);
}

int sem_timedwait(sem_t* restrict semaphore, const struct timespec* restrict until) {
  const struct timespec real = Unstepped(until);
  return sem_clockwait(semaphore, CLOCK_REALTIME, &real);
}

// abseil waits by futex.
long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long words[6];
  for (int i = 0; i < 6; ++i) {
    words[i] = va_arg(list, long);
  }
  va_end(list);
  struct timespec real;
  if (number == SYS_futex && (words[1] & FUTEX_CLOCK_REALTIME) != 0 && words[3] != 0) {
    real = Unstepped((const struct timespec*)words[3]);
    words[3] = (long)&real;
  }
  return RealSyscall()(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
