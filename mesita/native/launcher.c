// Forks containers for the agent and watches over each. PROTOCOL.md states what is said.
//
// agent ──frames on stdin/stdout──▶ launcher ──fork──▶ supervisor ──fork──▶ the container's process
//
// The launcher ends with the agent. A supervisor stays until nothing of its container is left: it
// is the subreaper of everything below it, so no process of the container can leave its tree.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

enum {
  MAX_FRAME = 8 << 20,
  MAX_WAITING = 4096,  // forked, not yet released
};

// Children that wait for `go`, with the write end of the pipe each one reads.
static struct { pid_t pid; int fd; } waiting[MAX_WAITING];
static size_t waiting_n;

void close_from(int lowest) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, lowest, ~0U, 0) == 0) return;
#endif
  for (int fd = lowest; fd < 65536; fd++) close(fd);
}

int read_all(int fd, void *to, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t got = read(fd, (char *)to + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return -1;
    done += (size_t)got;
  }
  return 0;
}

int write_all(int fd, const void *from, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t put = write(fd, (const char *)from + done, size - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return -1;
    done += (size_t)put;
  }
  return 0;
}

void answer(const char *sequence, const char *kind, const char *text) {
  char frame[4096 + 4];
  int n = snprintf(frame + 4, sizeof frame - 4, "%s%c%.20s%c%.4000s", kind, 0, sequence, 0, text);
  frame[0] = (char)n, frame[1] = (char)(n >> 8), frame[2] = (char)(n >> 16), frame[3] = 0;
  // Without an agent to answer there is nothing left to do; supervisors stay.
  if (write_all(1, frame, (size_t)n + 4) != 0) _exit(EXIT_SUCCESS);
}

// Those whose process was killed before its release: nobody reads their pipes any more.
static void forget_dead(void) {
  for (size_t i = waiting_n; i-- > 0;) {
    struct pollfd pipe = {.fd = waiting[i].fd};
    if (poll(&pipe, 1, 0) != 1 || !(pipe.revents & POLLERR)) continue;
    close(waiting[i].fd);
    waiting[i] = waiting[--waiting_n];
  }
}

static void fork_container(const struct spec *s) {
  int report[2], go[2];
  forget_dead();
  if (waiting_n == MAX_WAITING) return answer(s->sequence, "error", "Too many waiting containers");
  if (pipe2(report, O_CLOEXEC) != 0) return answer(s->sequence, "error", strerror(errno));
  if (pipe2(go, O_CLOEXEC) != 0) {
    close(report[0]), close(report[1]);
    return answer(s->sequence, "error", strerror(errno));
  }
  pid_t supervisor = fork();
  if (supervisor == 0) {
    // Others' release pipes must not live on here, or their end would never be seen.
    for (size_t i = 0; i < waiting_n; i++) close(waiting[i].fd);
    close(report[0]);
    close(go[1]);
    become_supervisor(s, report[1], go[0]);
  }
  int error = errno;
  close(report[1]);
  close(go[0]);
  char text[2048];
  size_t size = 0;
  // Up to the end of the line: the end of the pipe would wait for the child to be scheduled.
  for (ssize_t got; size < sizeof text - 1; size += (size_t)got) {
    got = read(report[0], text + size, sizeof text - 1 - size);
    if (got < 0 && errno == EINTR) got = 0;
    else if (got <= 0) break;
    if (got > 0 && text[size + (size_t)got - 1] == '\n') {
      size += (size_t)got - 1;
      break;
    }
  }
  text[size] = 0;
  close(report[0]);
  int child = atoi(text);
  if (child > 0) {
    waiting[waiting_n].pid = child;
    waiting[waiting_n++].fd = go[1];
    return answer(s->sequence, "ok", text);
  }
  close(go[1]);
  answer(s->sequence, "error", supervisor < 0 ? strerror(error) : size ? text : "Supervisor died");
}

static void release(const char *sequence, pid_t pid) {
  for (size_t i = 0; i < waiting_n; i++) {
    if (waiting[i].pid != pid) continue;
    int written = write_all(waiting[i].fd, "g", 1);
    close(waiting[i].fd);
    waiting[i] = waiting[--waiting_n];
    return written == 0 ? answer(sequence, "ok", "") : answer(sequence, "error", strerror(errno));
  }
  answer(sequence, "error", "Not waiting");
}

void serve_frame(void (*serve)(char **fields, size_t n)) {
  uint8_t head[4];
  if (read_all(0, head, 4) != 0) _exit(EXIT_SUCCESS);
  size_t size = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
  if (size == 0 || size > MAX_FRAME) _exit(EXIT_FAILURE);
  char *frame = malloc(size + 1);
  char **fields = malloc((size + 1) * sizeof *fields);
  if (frame == NULL || fields == NULL || read_all(0, frame, size) != 0) _exit(EXIT_FAILURE);
  frame[size] = 0;
  size_t n = 0;
  for (char *at = frame; at < frame + size; at += strlen(at) + 1) fields[n++] = at;
  serve(fields, n);
  free(fields);
  free(frame);
}

static void serve(char **fields, size_t n) {
  if (n == 3 && strcmp(fields[0], "go") == 0) return release(fields[1], atoi(fields[2]));
  if (n < 2 || strcmp(fields[0], "fork") != 0) return answer(n > 1 ? fields[1] : "0", "error", "Unknown request");
  struct spec *s = calloc(1, sizeof *s);
  if (s == NULL) return answer(fields[1], "error", "Out of memory");
  s->sequence = fields[1];
  if (parse_spec(s, fields + 2, n - 2) == 0) fork_container(s);
  else answer(s->sequence, "error", "Malformed request");
  free_spec(s);
}

// A container's root finds this program behind `/proc/PID/exe`. A sealed copy cannot be written to.
static void run_sealed(char **argv) {
  const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (self >= 0 && fcntl(self, F_GET_SEALS) == seals) return;
  int copy = memfd_create("mesita-launcher", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  struct stat info;
  if (self < 0 || copy < 0 || fstat(self, &info) != 0) return;
  for (off_t done = 0; done < info.st_size;)
    if (sendfile(copy, self, &done, (size_t)(info.st_size - done)) <= 0) return;
  if (fcntl(copy, F_ADD_SEALS, seals) == 0) fexecve(copy, argv, environ);
}

int main(int argc, char **argv) {
  if (argc > 0) run_sealed(argv);
  close_from(3);
  clear_inheritable();
  for (int n = 1; n < NSIG; n++) signal(n, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
  // Supervisors are reaped by the kernel; a terminal's interrupt is the agent's business.
  signal(SIGCHLD, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  int is_companion = argc > 1 && strcmp(argv[1], "cgroups") == 0;
  if (is_companion) become_companion();
  if (argc > 1 && strcmp(argv[1], "switchboard") == 0) return run_switchboard(argc, argv);
  for (;;) serve_frame(serve);
}
