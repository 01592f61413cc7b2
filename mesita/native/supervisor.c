// The supervisor of one container: forks its process, reaps all that is below, tells how it ended.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"

enum { MAX_TREE = 32768, RETRY_MS = 5, SLOW_RETRY_MS = 250 };

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
static void supervise(pid_t child, pid_t init, int directory, int alive, const sigset_t *signals) {
  pid_t leader = child;
  int killing = 0;
  long wait_ms = RETRY_MS;
  for (;;) {
    int status;
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
      if (ended != child) continue;
      child = 0;
      // A pid namespace ends with its first process, and that one with the user's.
      if (init > 0) kill(init, SIGKILL);
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

// What the supervisor holds open, and what the container's process gets of it.
static struct { int report, go, directory, alive, in, out, err; } own;

static void refuse(int to, const char *what, const char *detail) {
  dprintf(to, "Failed to %s%s%s: %s\n", what, *detail ? " " : "", detail, strerror(errno));
  _exit(EXIT_FAILURE);
}

// A file or a FIFO with a reader; nothing else, and through no link.
static int open_log(const char *path, const struct spec *s) {
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0) refuse(own.report, "open", path);
  if (!S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode)) {
    errno = EINVAL;
    refuse(own.report, "open", path);
  }
  fcntl(fd, F_SETFL, O_APPEND);
  int gives = S_ISREG(info.st_mode) && s->switch_user && geteuid() == 0;
  if (gives && fchown(fd, s->uid, s->gid) != 0) refuse(own.report, "own", path);
  return fd;
}

static void open_streams(const struct spec *s) {
  if (s->tty != NULL) {
    own.in = open(s->tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
    own.out = own.in < 0 ? -1 : fcntl(own.in, F_DUPFD_CLOEXEC, 3);
    own.err = own.out < 0 ? -1 : fcntl(own.in, F_DUPFD_CLOEXEC, 3);
    if (own.err < 0) refuse(own.report, "open", s->tty);
    return;
  }
  const char *in = s->in ? s->in : "/dev/null";
  own.in = open(in, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (own.in < 0) refuse(own.report, "open", in);
  fcntl(own.in, F_SETFL, 0);
  own.out = open_log(s->out, s);
  own.err = open_log(s->err, s);
}

// Who writes its own number needs no lock of the whole system, unless it is to `cgroup.procs`:
// `tasks`, which version 1 has, moves a single thread, and we have no other.
static int join_cgroup(const char *directory) {
  int group = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd = openat(group, "tasks", O_WRONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) fd = openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  int joined = fd < 0 || write(fd, "0", 1) != 1 ? -1 : 0;
  int error = errno;
  close(group), close(fd);
  errno = error;
  return joined;
}

// A child of our parent, the supervisor.
static pid_t fork_sibling(void) {
  return (pid_t)syscall(SYS_clone, (long)(CLONE_PARENT | SIGCHLD), 0L, 0L, 0L, 0L);
}

// The first process of a pid namespace: takes in orphans, ends with the supervisor. It lives in the
// container's other namespaces too, so that nothing of the host's can be reached through it.
static void be_init(void) {
  signal(SIGCHLD, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "mesita-init");
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  for (int fd = 0; fd < 3; fd++) close(fd);
  close_from(3);
  for (;;) pause();
}

static void be_container(const struct spec *s) {
  close(own.report);
  close(own.directory);
  close(own.alive);
  setsid();
  run_container(s, own.go, own.in, own.out, own.err);
}

// A pid namespace within another can only be made by who was born there.
static int is_born_within(const struct spec *s) {
  return (s->enter_flags & s->clone_flags & CLONE_NEWPID) != 0;
}

// Goes into the cgroups and namespaces once, and what it forks there is born in them. What it says
// on the pipe is the pids, or what failed.
static void be_door(const struct spec *s, int report) {
  for (size_t i = 0; i < s->cgroups_n; i++)
    if (join_cgroup(s->cgroups[i]) != 0)
      refuse(report, "assign the process to cgroup", s->cgroups[i]);
  if (take_shared_trees(s) != 0) refuse(report, "share mounts with the host", "");
  int joins = s->enter_flags & ~(is_born_within(s) ? CLONE_NEWPID : 0);
  if (join_namespaces(s->enter_pid, joins) != 0) refuse(report, "enter namespaces", "");
  if (make_namespaces(s->clone_flags) != 0) refuse(report, "make namespaces", "");
  pid_t init = s->clone_flags & CLONE_NEWPID ? fork_sibling() : 0;
  if (s->clone_flags & CLONE_NEWPID && init == 0) be_init();
  pid_t child = init < 0 ? -1 : fork_sibling();
  if (child < 0) refuse(report, "fork", "");
  if (child == 0) {
    close(report);
    be_container(s);
  }
  dprintf(report, "%d %d", child, init);
  _exit(EXIT_SUCCESS);
}

// Of those who were born in another pid namespace the door does not know the numbers that we use.
// The kernel lists children in the order of their birth.
static pid_t find_forked(pid_t door, pid_t *init) {
  pid_t found[2] = {0, 0};
  size_t n = add_children(getpid(), 0);
  for (size_t i = 0, at = 0; i < n && at < 2; i++)
    if (tree[i] != door) found[at++] = tree[i];
  *init = found[0];
  return found[1];
}

static pid_t fork_container(const struct spec *s, pid_t *init) {
  int said[2];
  char text[2048];
  *init = 0;
  int is_confined = s->cgroups_n > 0 || s->clone_flags != 0 || s->enter_flags != 0;
  if (is_confined && pipe2(said, O_CLOEXEC) != 0) refuse(own.report, "make a pipe", "");
  if (is_born_within(s) && join_namespaces(s->enter_pid, CLONE_NEWPID) != 0)
    refuse(own.report, "enter the pid namespace", "");
  pid_t pid = fork();
  if (pid < 0) refuse(own.report, "fork", "");
  if (!is_confined) {
    if (pid == 0) be_container(s);
    return pid;
  }
  if (pid == 0) {
    close(said[0]);
    be_door(s, said[1]);
  }
  close(said[1]);
  ssize_t size = read(said[0], text, sizeof text - 1);
  text[size > 0 ? size : 0] = 0;
  close(said[0]);
  int child;
  if (sscanf(text, "%d %d", &child, init) == 2)
    return is_born_within(s) ? find_forked(pid, init) : child;
  dprintf(own.report, "%s", text);
  _exit(EXIT_FAILURE);
}

static void let_go(void) {
  int all[] = {own.report, own.go, own.in, own.out, own.err};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) close(all[i]);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  close(null);
}

void become_supervisor(const struct spec *s, int report, int go) {
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "mesita-superv");
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_SETMASK, &signals, NULL);
  signal(SIGCHLD, SIG_DFL);

  own.report = report;
  own.go = go;
  own.directory = open(s->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int made = own.directory < 0 ? -1 : mkfifoat(own.directory, "alive", 0600);
  own.alive = made < 0 ? -1 : openat(own.directory, "alive", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (own.alive < 0) refuse(report, "prepare", s->directory);
  open_streams(s);
  pid_t init;
  pid_t child = fork_container(s, &init);
  dprintf(report, "%d %d\n", child, getpid());
  let_go();
  if (chdir("/") == 0) supervise(child, init, own.directory, own.alive, &signals);
  _exit(EXIT_SUCCESS);
}
