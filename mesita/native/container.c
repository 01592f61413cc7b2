// The container's process, from its release to the user's program.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

// Its standard error is the sandbox's by now, where the user looks.
void fail(const char *format, ...) {
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

static void end_well(int number) {
  (void)number;
  _exit(EXIT_SUCCESS);
}

// An image may name a working directory that it does not have.
static void make_cwd(const struct spec *s) {
  char path[4096];
  if (s->root == NULL || snprintf(path, sizeof path, "%s", s->cwd) >= (int)sizeof path) return;
  for (char *at = path + 1; (at = strchr(at, '/')) != NULL; *at++ = '/') {
    *at = 0;
    mkdir(path, 0755);
  }
  mkdir(path, 0755);
}

// A directory outside of the root would lead out of it, whoever made it open.
static void enter_cwd(const struct spec *s) {
  char where[4096];
  if (chdir(s->cwd) != 0)
    fail("Failed to chdir into current working directory '%s': %s", s->cwd, strerror(errno));
  if (syscall(SYS_getcwd, where, sizeof where) < 0 || where[0] != '/')
    fail("The working directory '%s' is not below the root", s->cwd);
}

static void idle(void) {
  prctl(PR_SET_NAME, "mesita-idle");
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  for (;;) pause();
}

void run_container(const struct spec *s, int go, int in, int out, int err) {
  sigset_t none;
  sigemptyset(&none);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  int is_idle = strcmp(s->file, "<idle>") == 0;
  if (is_idle) signal(SIGTERM, end_well);
  sigprocmask(SIG_SETMASK, &none, NULL);

  // An end of file here means that the agent or the launcher died before the release.
  char released;
  if (read_all(go, &released, 1) != 0) _exit(EXIT_FAILURE);

  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(EXIT_FAILURE);
  close_from(gather_shared_trees(s));
  if (s->tty != NULL && ioctl(0, TIOCSCTTY, 0) != 0)
    fail("Failed to set control tty: %s", strerror(errno));

  environ = s->env;
  take_steps(s);
  run_before(s);
  if (s->root != NULL) enter_root(s->root);
  set_limits(s);
  make_cwd(s);
  become_user(s);
  enter_cwd(s);
  umask(022);
  if (is_idle) idle();
  filter_system_calls(s);
  execvp(s->file, s->args);
  fail("Failed to execute '%s': %s", s->file, strerror(errno));
}
