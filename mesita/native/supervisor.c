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

static void join_cgroups(const struct spec *s, pid_t pid) {
  for (size_t i = 0; i < s->cgroups_n; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/cgroup.procs", s->cgroups[i]);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || dprintf(fd, "%d", pid) < 0) {
      int error = errno;
      kill(pid, SIGKILL);
      errno = error;
      refuse(own.report, "assign the process to cgroup", s->cgroups[i]);
    }
    close(fd);
  }
}

// Forks `work`, which is ready when it closes the pipe without a word.
static pid_t fork_ready(void (*work)(const struct spec *, pid_t, int), const struct spec *s,
                        pid_t init) {
  int ready[2];
  char text[512];
  if (pipe2(ready, O_CLOEXEC) != 0) refuse(own.report, "make a pipe", "");
  pid_t pid = fork();
  if (pid < 0) refuse(own.report, "fork", "");
  if (pid == 0) {
    close(own.report);
    close(own.directory);
    close(own.alive);
    close(ready[0]);
    work(s, init, ready[1]);
    _exit(EXIT_FAILURE);
  }
  close(ready[1]);
  // Without namespaces nothing can fail, and to wait for the scheduler would cost.
  int waits = s->clone_flags != 0 || s->enter_flags != 0;
  ssize_t said = waits ? read(ready[0], text, sizeof text) : 0;
  close(ready[0]);
  if (said == 0) return pid;
  if (said > 0) dprintf(own.report, "%.*s", (int)said, text);
  _exit(EXIT_FAILURE);
}

// What a process has from its birth on: a new cgroup namespace waits for the cgroups.
static const int later = CLONE_NEWPID | CLONE_NEWCGROUP;

// The first process of a pid namespace: takes in orphans, ends with the supervisor. It lives in the
// container's other namespaces too, so that nothing of the host's can be reached through it.
static void be_init(const struct spec *s, pid_t init, int ready) {
  (void)init;
  signal(SIGCHLD, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "mesita-init");
  if (join_namespaces(s->enter_pid, s->enter_flags & ~CLONE_NEWPID) != 0)
    refuse(ready, "enter namespaces", "");
  if (make_namespaces(s->clone_flags & ~later) != 0) refuse(ready, "make namespaces", "");
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  for (int fd = 0; fd < 3; fd++) close(fd);
  close_from(3);
  for (;;) pause();
}

static void be_container(const struct spec *s, pid_t init, int ready) {
  setsid();
  int joins = s->enter_flags & ~CLONE_NEWPID;
  if (take_shared_trees(s) != 0) refuse(ready, "share mounts with the host", "");
  if (init == 0) {
    if (join_namespaces(s->enter_pid, joins) != 0) refuse(ready, "enter namespaces", "");
    if (make_namespaces(s->clone_flags & ~later) != 0) refuse(ready, "make namespaces", "");
  } else if (join_namespaces(s->enter_pid, joins & CLONE_NEWCGROUP) != 0 ||
             join_namespaces(init, (joins | s->clone_flags) & ~later) != 0) {
    refuse(ready, "enter namespaces", "");
  }
  close(ready);
  run_container(s, own.go, own.in, own.out, own.err);
}

// A namespace within another can only be made from within: the helper goes there, and has the first
// process not as its child but as ours.
static void be_helper(const struct spec *s, pid_t init, int ready) {
  if (unshare(CLONE_NEWPID) != 0) refuse(ready, "make a pid namespace", "");
  long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) be_init(s, init, ready);
  if (pid < 0) refuse(ready, "fork", "");
  _exit(EXIT_SUCCESS);
}

static pid_t fork_init_within(const struct spec *s) {
  pid_t helper = fork_ready(be_helper, s, 0);
  pid_t init = 0;
  // The helper knows it by another number than we do.
  for (size_t n = add_children(getpid(), 0); n-- > 0;)
    if (tree[n] != helper) init = tree[n];
  waitpid(helper, NULL, 0);
  if (init == 0 || join_namespaces(init, CLONE_NEWPID) != 0)
    refuse(own.report, "enter the pid namespace", "");
  return init;
}

// From then on our children are born in the namespace of `init`, and yet they are ours to reap.
static pid_t fork_init(const struct spec *s) {
  int enters = s->enter_flags & CLONE_NEWPID;
  if (enters && join_namespaces(s->enter_pid, CLONE_NEWPID) != 0)
    refuse(own.report, "enter the pid namespace", "");
  if (!(s->clone_flags & CLONE_NEWPID)) return 0;
  if (!enters && unshare(CLONE_NEWPID) != 0) refuse(own.report, "make a pid namespace", "");
  pid_t init = enters ? fork_init_within(s) : fork_ready(be_init, s, 0);
  join_cgroups(s, init);
  return init;
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
  pid_t init = fork_init(s);
  pid_t child = fork_ready(be_container, s, init);
  join_cgroups(s, child);
  dprintf(report, "%d %d\n", child, getpid());
  let_go();
  if (chdir("/") == 0) supervise(child, init, own.directory, own.alive, &signals);
  _exit(EXIT_SUCCESS);
}
