// Namespaces: joining those of a process, making new ones.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "launcher.h"

// The mount namespace last: it takes the `/proc` with it through which the others are found.
static const struct { int flag; const char *name; } kinds[] = {
    {CLONE_NEWPID, "pid"},   {CLONE_NEWIPC, "ipc"},       {CLONE_NEWUTS, "uts"},
    {CLONE_NEWNET, "net"},   {CLONE_NEWCGROUP, "cgroup"}, {CLONE_NEWNS, "mnt"},
};

int join_namespaces(pid_t target, int flags) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (!(flags & kinds[i].flag)) continue;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", target, kinds[i].name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    int joined = setns(fd, kinds[i].flag);
    int error = errno;
    close(fd);
    errno = error;
    if (joined != 0) return -1;
  }
  return 0;
}

int make_namespaces(int flags) {
  if (flags == 0) return 0;
  if (unshare(flags) != 0) return -1;
  // What is mounted here must not show outside; what is mounted outside still shows here.
  return flags & CLONE_NEWNS ? mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) : 0;
}
