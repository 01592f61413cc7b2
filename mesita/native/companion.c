// `mesita-launcher cgroups`: what an agent needs of cgroups and Node has no words for. Events of
// version 1 come through eventfds; devices of version 2 are filtered by programs for the kernel.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"

// By eventfd: the sequence number of the request, with which its events are told.
static char (*watches)[21];
static int watches_n;
static int waiter;

// `<eventfd> <fd of the file> <level>` is how version 1 is asked; see cgroup-v1/memcg_test.txt.
static int ask_for_events(int event, const char *directory, const char *name, const char *level) {
  int group = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int file = group < 0 ? -1 : openat(group, name, O_RDONLY | O_CLOEXEC);
  int control = file < 0 ? -1 : openat(group, "cgroup.event_control", O_WRONLY | O_CLOEXEC);
  int written = control < 0 ? -1 : dprintf(control, "%d %d %s", event, file, level);
  int error = errno;
  close(group), close(file), close(control);
  errno = error;
  return written < 0 ? -1 : 0;
}

static int remember(int event, const char *sequence) {
  if (event >= watches_n) {
    void *more = realloc(watches, (size_t)(2 * event) * sizeof *watches);
    if (more == NULL) return -1;
    watches = more;
    memset(watches + watches_n, 0, (size_t)(2 * event - watches_n) * sizeof *watches);
    watches_n = 2 * event;
  }
  snprintf(watches[event], sizeof *watches, "%s", sequence);
  struct epoll_event wanted = {.events = EPOLLIN, .data.fd = event};
  return epoll_ctl(waiter, EPOLL_CTL_ADD, event, &wanted);
}

static void watch(const char *sequence, char **arguments) {
  int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event >= 0 && ask_for_events(event, arguments[0], arguments[1], arguments[2]) == 0 &&
      remember(event, sequence) == 0)
    return answer(sequence, "ok", "");
  answer(sequence, "error", strerror(errno));
  if (event >= 0) close(event);
}

static void forget(const char *sequence, const char *watched) {
  for (int event = 0; event < watches_n; event++) {
    if (strcmp(watches[event], watched) != 0) continue;
    watches[event][0] = 0;
    close(event);
  }
  answer(sequence, "ok", "");
}

static void tell(int event) {
  uint64_t times;
  char text[24];
  if (read(event, &times, sizeof times) != sizeof times) return;
  snprintf(text, sizeof text, "%llu", (unsigned long long)times);
  answer(watches[event], "event", text);
}

static int bpf(int command, union bpf_attr *request) {
  return (int)syscall(SYS_bpf, command, request, sizeof *request);
}

static int load(const void *program, size_t size) {
  union bpf_attr request = {
      .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
      .insns = (uint64_t)(uintptr_t)program,
      .insn_cnt = (uint32_t)(size / sizeof(struct bpf_insn)),
      .license = (uint64_t)(uintptr_t) "Apache-2.0",
  };
  return bpf(BPF_PROG_LOAD, &request);
}

// The program that a group has of its own: 1 and a descriptor of it, 0 when there is none, else -1.
// Of two, one is somebody else's: none is taken away, and no list would hold beside it.
static int find_attached(int group, int *program) {
  uint32_t id = 0;
  union bpf_attr asked = {.query = {
      .target_fd = (uint32_t)group,
      .attach_type = BPF_CGROUP_DEVICE,
      .prog_ids = (uint64_t)(uintptr_t)&id,
      .prog_cnt = 1,
  }};
  if (bpf(BPF_PROG_QUERY, &asked) != 0) {
    if (errno == ENOSPC) errno = EBUSY;
    return -1;
  }
  if (asked.query.prog_cnt == 0) return 0;
  union bpf_attr wanted = {.prog_id = id};
  *program = bpf(BPF_PROG_GET_FD_BY_ID, &wanted);
  return *program < 0 ? -1 : 1;
}

// Every program on the way up must agree: a group within cannot have more than those above. Of two in
// one group both must, too, so that a new one takes the place of the old one.
static int attach(int group, int program) {
  int old = -1, found = find_attached(group, &old);
  if (found < 0) return -1;
  union bpf_attr request = {
      .target_fd = (uint32_t)group,
      .attach_bpf_fd = (uint32_t)program,
      .attach_type = BPF_CGROUP_DEVICE,
      .attach_flags = BPF_F_ALLOW_MULTI | (found ? BPF_F_REPLACE : 0),
      .replace_bpf_fd = found ? (uint32_t)old : 0,
  };
  int attached = bpf(BPF_PROG_ATTACH, &request);
  int error = errno;
  close(old);
  errno = error;
  return attached;
}

// The kernel does not tell what a program allows, so the list is noted at the group, and goes with it.
static const char list_attribute[] = "trusted.mesita.devices";

static void filter_devices(const char *sequence, const char *directory, const char *list, char *hex) {
  ssize_t size = parse_hex(hex);
  int group = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int program = group < 0 || size < 0 ? -1 : load(hex, (size_t)size);
  // The group holds the program from here on.
  if (program >= 0 && attach(group, program) == 0 &&
      fsetxattr(group, list_attribute, list, strlen(list), 0) == 0)
    answer(sequence, "ok", "");
  else answer(sequence, "error", strerror(errno));
  close(program), close(group);
}

static void tell_list(const char *sequence, const char *directory) {
  char list[4000];
  ssize_t size = getxattr(directory, list_attribute, list, sizeof list - 1);
  if (size < 0 && errno != ENODATA) return answer(sequence, "error", strerror(errno));
  list[size < 0 ? 0 : size] = 0;
  answer(sequence, "ok", list);
}

static void serve(char **fields, size_t n) {
  const char *verb = fields[0], *sequence = n > 1 ? fields[1] : "0";
  if (n == 5 && strcmp(verb, "watch") == 0) return watch(sequence, fields + 2);
  if (n == 3 && strcmp(verb, "forget") == 0) return forget(sequence, fields[2]);
  if (n == 5 && strcmp(verb, "devices") == 0)
    return filter_devices(sequence, fields[2], fields[3], fields[4]);
  if (n == 3 && strcmp(verb, "list") == 0) return tell_list(sequence, fields[2]);
  answer(sequence, "error", "Unknown request");
}

static void tell_all(void) {
  struct epoll_event ready[64];
  int n = epoll_wait(waiter, ready, 64, 0);
  for (int i = 0; i < n; i++)
    if (watches[ready[i].data.fd][0] != 0) tell(ready[i].data.fd);
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Under pressure the kernel counts thousands of events a second: they are told a few at a time.
void become_companion(void) {
  enum { PAUSE_MS = 20 };
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  waiter = epoll_create1(EPOLL_CLOEXEC);
  if (waiter < 0) _exit(EXIT_FAILURE);
  for (long told_ms = 0;;) {
    struct pollfd on[] = {{.fd = 0, .events = POLLIN}, {.fd = waiter, .events = POLLIN}};
    long pause = told_ms + PAUSE_MS - now_ms();
    if (poll(on, pause > 0 ? 1 : 2, pause > 0 ? (int)pause : -1) <= 0) continue;
    if (on[0].revents != 0) serve_frame(serve);
    if (on[1].revents == 0) continue;
    tell_all();
    told_ms = now_ms();
  }
}
