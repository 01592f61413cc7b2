// Mounts, masked paths, file operations, the new root.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

// Older headers have the numbers of the calls only.
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x04
#define MOVE_MOUNT_T_EMPTY_PATH 0x40
#endif

// Opened here, before mounts hide them: our own descriptors by name, through which a mount is
// given a place that nobody can exchange any more.
static int descriptors = -1;

static int open_in(int root, const char *path, uint64_t flags) {
  struct open_how how = {
      .flags = flags | O_CLOEXEC,
      .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  };
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static int open_root(const char *root) {
  return open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int open_place(const char *root, const char *path) {
  int base = open_root(root);
  if (base < 0) return -1;
  // What was not confined is the agent's own word, and may go through the host's links.
  int fd = root ? open_in(base, path, O_PATH) : open(path, O_PATH | O_CLOEXEC);
  int error = errno;
  close(base);
  errno = error;
  return fd;
}

// Opens the directory of `path`, and makes it with all above it where `make` says so.
static int open_parent(const char *root, const char *path, int make, char name[NAME_MAX + 1]) {
  char text[PATH_MAX];
  if (snprintf(text, sizeof text, "%s", path) >= (int)sizeof text) return errno = ENAMETOOLONG, -1;
  char *slash = strrchr(text, '/');
  if (slash == NULL || strlen(slash + 1) > NAME_MAX) return errno = EINVAL, -1;
  strcpy(name, slash + 1);
  *slash = 0;
  if (strcmp(name, "") == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return errno = EINVAL, -1;
  int directory = open_place(root, *text ? text : "/");
  if (directory >= 0 || errno != ENOENT || !make) return directory;
  char above[NAME_MAX + 1];
  int parent = open_parent(root, text, make, above);
  if (parent < 0) return -1;
  int made = mkdirat(parent, above, 0755);
  int error = errno;
  close(parent);
  if (made != 0 && error != EEXIST) return errno = error, -1;
  return open_place(root, text);
}

static int make_directory(const char *root, const char *path, int recursive) {
  char name[NAME_MAX + 1];
  int parent = open_parent(root, path, recursive, name);
  if (parent < 0) return -1;
  int made = mkdirat(parent, name, 0755);
  int error = errno;
  close(parent);
  errno = error;
  return made == 0 || (recursive && error == EEXIST) ? 0 : -1;
}

static int is_directory(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

// A file for a file, a directory for all else.
static int make_target(const struct step *step, int source) {
  if (source < 0 || is_directory(source)) return make_directory(step->target_root, step->target, 1);
  char name[NAME_MAX + 1];
  int parent = open_parent(step->target_root, step->target, 1, name);
  if (parent < 0) return -1;
  int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  close(parent);
  if (fd < 0) return -1;
  close(fd);
  return 0;
}

int take_shared_trees(const struct spec *s) {
  for (size_t i = 0; i < s->steps_n; i++) {
    struct step *step = &s->steps[i];
    if (step->kind != 'M' || !(step->flags & MS_SHARED) || step->source == NULL) continue;
    int place = open_place(step->source_root, step->source);
    if (place < 0) return -1;
    const unsigned flags = AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | O_CLOEXEC;
    step->tree = (int)syscall(SYS_open_tree, place, "", flags);
    int error = errno;
    close(place);
    errno = error;
    if (step->tree < 0) return -1;
  }
  return 0;
}

int gather_shared_trees(const struct spec *s) {
  int next = 3;
  for (size_t i = 0; i < s->steps_n; i++) {
    struct step *step = &s->steps[i];
    if (step->tree == 0) continue;
    // They were opened in this order, so none is where one that comes later lies.
    if (step->tree != next && dup3(step->tree, next, O_CLOEXEC) < 0)
      fail("Failed to keep the mounts of '%s': %s", step->source, strerror(errno));
    step->tree = next++;
  }
  return next;
}

static int attach_tree(int tree, int target) {
  const unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  return (int)syscall(SYS_move_mount, tree, "", target, "", flags);
}

static int remount_read_only(const char *place, unsigned long flags) {
  return mount(NULL, place, NULL, MS_REMOUNT | MS_BIND | (flags & ~(unsigned long)(MS_REC | MS_SHARED)), NULL);
}

static int mount_step(const struct step *step) {
  // Of a file system's own kind the source is but a word.
  int has_path = step->source != NULL && step->type == NULL;
  int source = step->tree;
  if (source == 0) source = has_path ? open_place(step->source_root, step->source) : -1;
  if (has_path && source < 0) return -1;
  int target = open_place(step->target_root, step->target);
  if (target < 0 && errno == ENOENT && step->source != NULL && make_target(step, source) == 0)
    target = open_place(step->target_root, step->target);
  if (target < 0) return -1;
  char from[16], to[16];
  snprintf(from, sizeof from, "%d", source);
  snprintf(to, sizeof to, "%d", target);
  if (fchdir(descriptors) != 0) return -1;
  int done = step->tree ? attach_tree(step->tree, target)
                        : mount(source < 0 ? step->source : from, to, step->type, step->flags,
                                step->options);
  if (done == 0 && step->flags & MS_BIND && step->flags & MS_RDONLY) {
    // A bind does not take flags the first time. The place is another one now: on top of it.
    close(target);
    target = open_place(step->target_root, step->target);
    snprintf(to, sizeof to, "%d", target);
    done = target < 0 ? -1 : remount_read_only(to, step->flags);
  }
  int error = errno;
  close(source);
  close(target);
  errno = error;
  return done;
}

// What is not there needs no mask.
static int mask_step(const struct step *step) {
  int target = open_place(step->target_root, step->target);
  if (target < 0) return errno == ENOENT ? 0 : -1;
  struct step mask = *step;
  mask.kind = 'M';
  if (is_directory(target)) {
    mask.type = "tmpfs", mask.options = "size=0", mask.flags = MS_RDONLY;
  } else {
    mask.source = "/dev/null", mask.flags = MS_BIND | MS_RDONLY;
  }
  close(target);
  return mount_step(&mask);
}

static int link_step(const struct step *step) {
  char name[NAME_MAX + 1];
  int parent = open_parent(step->target_root, step->target, 0, name);
  if (parent < 0) return -1;
  int done = symlinkat(step->source, parent, name);
  int error = errno;
  close(parent);
  errno = error;
  return done;
}

static int rename_step(const struct step *step) {
  char from[NAME_MAX + 1], to[NAME_MAX + 1];
  int source = open_parent(step->source_root, step->source, 0, from);
  int target = source < 0 ? -1 : open_parent(step->target_root, step->target, 0, to);
  int done = target < 0 ? -1 : renameat(source, from, target, to);
  int error = errno;
  close(source);
  close(target);
  errno = error;
  return done;
}

void take_steps(const struct spec *s) {
  if (s->steps_n == 0) return;
  descriptors = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptors < 0) fail("Failed to open '/proc/self/fd': %s", strerror(errno));
  for (size_t i = 0; i < s->steps_n; i++) {
    const struct step *step = &s->steps[i];
    const char *from = step->source ? step->source : step->type ? step->type : "";
    switch (step->kind) {
      case 'M':
        if (mount_step(step) != 0)
          fail("Failed to prepare mounts: Failed to mount '%s' at '%s': %s", from, step->target, strerror(errno));
        break;
      case 'K':
        if (mask_step(step) != 0)
          fail("Failed to mask '%s': %s", step->target, strerror(errno));
        break;
      case 'S':
        if (link_step(step) != 0)
          fail("Failed to link '%s' as '%s': %s", from, step->target, strerror(errno));
        break;
      case 'R':
        if (rename_step(step) != 0)
          fail("Failed to rename '%s' to '%s': %s", from, step->target, strerror(errno));
        break;
      default:
        if (make_directory(step->target_root, step->target, step->flags != 0) != 0)
          fail("Failed to create directory '%s': %s", step->target, strerror(errno));
    }
  }
}

// The old root lies on top of the new one for a moment, then goes with all below it.
void enter_root(const char *root) {
  int fresh = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fresh < 0 || old < 0 || fchdir(fresh) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
      fchdir(old) != 0 || mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) != 0 ||
      umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
    fail("Failed to enter chroot '%s': %s", root, strerror(errno));
  close(fresh);
  close(old);
}
