// Forks containers for the agent and watches over each. README.md states the protocol.
//
// agent ──frames on stdin/stdout──▶ launcher ──fork──▶ supervisor ──fork──▶ the container's process
//
// The launcher ends with the agent. A supervisor stays until nothing of its container is left: it
// is the subreaper of everything below it, so no process of the container can leave its tree.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  MAX_FRAME = 8 << 20,
  MAX_WAITING = 4096,  // forked, not yet released
  MAX_GROUPS = 1024,
  MAX_TREE = 32768,
  RETRY_MS = 5,
  SLOW_RETRY_MS = 250,
};

// What one `fork` frame asks for. Strings point into the frame.
struct spec {
  char *sequence, *directory, *cwd, *out, *err, *file;
  char **args, **env, **limits, **before;
  size_t args_n, env_n, limits_n, before_n, groups_n;
  uid_t uid;
  gid_t gid, groups[MAX_GROUPS];
  int switch_user;
};

// Children that wait for `go`, with the write end of the pipe each one reads.
static struct { pid_t pid; int fd; } waiting[MAX_WAITING];
static size_t waiting_n;

static void close_from(int lowest) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, lowest, ~0U, 0) == 0) return;
#endif
  for (int fd = lowest; fd < 65536; fd++) close(fd);
}

static int read_all(int fd, void *to, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t got = read(fd, (char *)to + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return -1;
    done += (size_t)got;
  }
  return 0;
}

static int write_all(int fd, const void *from, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t put = write(fd, (const char *)from + done, size - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return -1;
    done += (size_t)put;
  }
  return 0;
}

// ---- The container's process -------------------------------------------------------------------

// Its standard error is the sandbox's by now, where the user looks.
static void fail(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vdprintf(2, format, list);
  va_end(list);
  dprintf(2, "\n");
  _exit(EXIT_FAILURE);
}

static void set_limits(const struct spec *s) {
  for (size_t i = 0; i < s->limits_n; i++) {
    int resource;
    char soft[24], hard[24], name[32];
    if (sscanf(s->limits[i], "%d:%23[^:]:%23[^:]:%31s", &resource, soft, hard, name) != 4)
      fail("Malformed resource limit '%s'", s->limits[i]);
    struct rlimit limit = {
        .rlim_cur = *soft == '-' ? RLIM_INFINITY : strtoull(soft, NULL, 10),
        .rlim_max = *hard == '-' ? RLIM_INFINITY : strtoull(hard, NULL, 10),
    };
    if (setrlimit((__rlimit_resource_t)resource, &limit) != 0)
      fail("Failed to set %s limit: %s", name, strerror(errno));
  }
}

static void run_before(const struct spec *s) {
  for (size_t i = 0; i < s->before_n; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      execl("/bin/sh", "sh", "-c", s->before[i], (char *)NULL);
      fail("Failed to execute '/bin/sh': %s", strerror(errno));
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
      fail("Failed to run pre-exec command '%s': %s", s->before[i], strerror(errno));
    if (status != 0)
      fail("The pre-exec command '%s' failed with wait status %d", s->before[i], status);
  }
}

static void become_user(const struct spec *s) {
  if (!s->switch_user) return;
  if (geteuid() != 0 && s->uid == geteuid()) return;
  if (setgroups(s->groups_n, s->groups) != 0)
    fail("Failed to set supplementary groups: %s", strerror(errno));
  if (setresgid(s->gid, s->gid, s->gid) != 0)
    fail("Failed to set gid %u: %s", s->gid, strerror(errno));
  if (setresuid(s->uid, s->uid, s->uid) != 0)
    fail("Failed to set uid %u: %s", s->uid, strerror(errno));
}

static void end_well(int number) {
  (void)number;
  _exit(EXIT_SUCCESS);
}

static void run(const struct spec *s, int go, int out, int err) {
  setsid();
  sigset_t none;
  sigemptyset(&none);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  int idle = strcmp(s->file, "<idle>") == 0;
  if (idle) signal(SIGTERM, end_well);
  sigprocmask(SIG_SETMASK, &none, NULL);

  // An end of file here means that the agent or the launcher died before the release.
  char released;
  if (read_all(go, &released, 1) != 0) _exit(EXIT_FAILURE);

  int null = open("/dev/null", O_RDONLY);
  if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(EXIT_FAILURE);
  close_from(3);

  environ = s->env;
  run_before(s);
  set_limits(s);
  become_user(s);
  if (chdir(s->cwd) != 0)
    fail("Failed to chdir into current working directory '%s': %s", s->cwd, strerror(errno));
  umask(022);
  if (idle) {
    prctl(PR_SET_NAME, "mesita-idle");
    for (;;) pause();
  }
  execvp(s->file, s->args);
  fail("Failed to execute '%s': %s", s->file, strerror(errno));
}

// ---- The supervisor ----------------------------------------------------------------------------

static pid_t tree[MAX_TREE];

// Appends the children of every thread of `pid` to the tree; duplicates do no harm.
static size_t add_children(pid_t pid, size_t n) {
  char path[64], line[4096];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *tasks = opendir(path);
  if (tasks == NULL) return n;
  for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
    if (task->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/%d/task/%.20s/children", pid, task->d_name);
    FILE *file = fopen(path, "re");
    if (file == NULL) continue;
    setvbuf(file, line, _IOFBF, sizeof line);
    for (int child; n < MAX_TREE && fscanf(file, "%d", &child) == 1;) tree[n++] = child;
    fclose(file);
  }
  closedir(tasks);
  return n;
}

static size_t read_tree(void) {
  size_t n = add_children(getpid(), 0);
  for (size_t i = 0; i < n; i++) n = add_children(tree[i], n);
  return n;
}

// Stops everything first, until a walk finds nothing new: a fork bomb cannot outrun the kill.
static void kill_tree(pid_t leader) {
  if (leader > 0) kill(-leader, SIGKILL);
  size_t seen = 0;
  for (int round = 0; round < 64; round++) {
    size_t n = read_tree();
    for (size_t i = 0; i < n; i++) kill(tree[i], SIGSTOP);
    if (n == seen) break;
    seen = n;
  }
  for (size_t i = 0; i < seen; i++) kill(tree[i], SIGKILL);
}

// Written beside and renamed, so that a reader finds all of it or nothing.
static void record_status(int directory, int status) {
  int fd = openat(directory, "status.tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  dprintf(fd, "%d", status);
  close(fd);
  renameat(directory, "status.tmp", directory, "status");
}

// Until no child is left. A byte on the FIFO: the container's process ended. Its end: all is gone.
static void supervise(pid_t child, int directory, int alive, const sigset_t *signals) {
  pid_t leader = child;
  int killing = 0;
  long wait_ms = RETRY_MS;
  for (;;) {
    int status;
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
      if (ended != child) continue;
      child = 0;
      record_status(directory, status);
      if (write(alive, "x", 1) < 0) continue;
    }
    if (ended < 0 && errno == ECHILD) return;
    // The leader's id may belong to someone else once it was reaped and its group is empty.
    if (killing) kill_tree(child == leader ? leader : 0);
    struct timespec retry = {.tv_nsec = wait_ms * 1000000L};
    // What does not die at once (another user's, or stuck in the kernel) must not cost the CPU.
    if (killing && wait_ms < SLOW_RETRY_MS) wait_ms += wait_ms;
    if (sigtimedwait(signals, NULL, killing ? &retry : NULL) == SIGTERM) killing = 1;
  }
}

static int open_log(int report, const char *path, const struct spec *s) {
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0 || (!S_ISREG(info.st_mode) && (errno = EINVAL))) {
    dprintf(report, "Failed to open '%s': %s\n", path, strerror(errno));
    _exit(EXIT_FAILURE);
  }
  fcntl(fd, F_SETFL, O_APPEND);
  if (s->switch_user && geteuid() == 0 && fchown(fd, s->uid, s->gid) != 0) errno = 0;
  return fd;
}

// Reports `<pid> <supervisor's pid>` or why there is no container, then never returns.
static void become_supervisor(const struct spec *s, int report, int go) {
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "mesita-superv");
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_SETMASK, &signals, NULL);
  signal(SIGCHLD, SIG_DFL);

  int directory = open(s->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int made = directory < 0 ? -1 : mkfifoat(directory, "alive", 0600);
  int alive = made < 0 ? -1 : openat(directory, "alive", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (alive < 0) {
    dprintf(report, "Failed to prepare '%s': %s\n", s->directory, strerror(errno));
    _exit(EXIT_FAILURE);
  }
  int out = open_log(report, s->out, s);
  int err = open_log(report, s->err, s);
  pid_t child = fork();
  if (child == 0) {
    close(alive);
    close(directory);
    close(report);
    run(s, go, out, err);
  }
  if (child < 0) dprintf(report, "Failed to fork: %s\n", strerror(errno));
  else dprintf(report, "%d %d\n", child, getpid());
  close(report);
  close(go);
  close(out);
  close(err);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  close(null);
  if (chdir("/") == 0 && child > 0) supervise(child, directory, alive, &signals);
  _exit(EXIT_SUCCESS);
}

// ---- The launcher ------------------------------------------------------------------------------

static void answer(const char *sequence, const char *kind, const char *text) {
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

static int parse_user(struct spec *s, const char *value) {
  char *end;
  s->switch_user = 1;
  s->uid = (uid_t)strtoul(value, &end, 10);
  if (*end++ != ':') return -1;
  s->gid = (gid_t)strtoul(end, &end, 10);
  while (*end == ',' && s->groups_n < MAX_GROUPS)
    s->groups[s->groups_n++] = (gid_t)strtoul(end + 1, &end, 10);
  return *end == 0 ? 0 : -1;
}

// `fields` are the frame's strings after the verb and the sequence number: one letter, one value.
static int parse_spec(struct spec *s, char **fields, size_t n) {
  char **lists = calloc(4 * (n + 1), sizeof *lists);
  if (lists == NULL) return -1;
  s->args = lists, s->env = lists + n + 1, s->limits = lists + 2 * (n + 1);
  s->before = lists + 3 * (n + 1);
  for (size_t i = 0; i < n; i++) {
    char *value = fields[i] + 1;
    switch (fields[i][0]) {
      case 'd': s->directory = value; break;
      case 'w': s->cwd = value; break;
      case 'o': s->out = value; break;
      case 'e': s->err = value; break;
      case 'f': s->file = value; break;
      case 'a': s->args[s->args_n++] = value; break;
      case 'v': s->env[s->env_n++] = value; break;
      case 'l': s->limits[s->limits_n++] = value; break;
      case 'p': s->before[s->before_n++] = value; break;
      case 'u': if (parse_user(s, value) != 0) return -1; break;
      default: return -1;
    }
  }
  return s->directory && s->cwd && s->out && s->err && s->file && s->args_n ? 0 : -1;
}

static void serve(char **fields, size_t n) {
  if (n == 3 && strcmp(fields[0], "go") == 0) return release(fields[1], atoi(fields[2]));
  if (n < 2 || strcmp(fields[0], "fork") != 0) return answer(n > 1 ? fields[1] : "0", "error", "Unknown request");
  struct spec *s = calloc(1, sizeof *s);
  if (s == NULL) return answer(fields[1], "error", "Out of memory");
  s->sequence = fields[1];
  if (parse_spec(s, fields + 2, n - 2) == 0) fork_container(s);
  else answer(s->sequence, "error", "Malformed request");
  free(s->args);
  free(s);
}

int main(void) {
  close_from(3);
  for (int n = 1; n < NSIG; n++) signal(n, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
  // Supervisors are reaped by the kernel; a terminal's interrupt is the agent's business.
  signal(SIGCHLD, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  for (;;) {
    uint8_t head[4];
    if (read_all(0, head, 4) != 0) return EXIT_SUCCESS;
    size_t size = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
    if (size == 0 || size > MAX_FRAME) return EXIT_FAILURE;
    char *frame = malloc(size + 1);
    char **fields = malloc((size + 1) * sizeof *fields);
    if (frame == NULL || fields == NULL || read_all(0, frame, size) != 0) return EXIT_FAILURE;
    frame[size] = 0;
    size_t n = 0;
    for (char *at = frame; at < frame + size; at += strlen(at) + 1) fields[n++] = at;
    serve(fields, n);
    free(fields);
    free(frame);
  }
}
