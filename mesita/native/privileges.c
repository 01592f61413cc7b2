// What the container's process may do: user, groups, capabilities, system calls.

#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

static const uint64_t sys_admin = 1ULL << CAP_SYS_ADMIN;

static int set_capabilities(uint64_t permitted, uint64_t inheritable) {
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  for (int i = 0; i < 2; i++) {
    data[i].permitted = data[i].effective = (uint32_t)(permitted >> 32 * i);
    data[i].inheritable = (uint32_t)(inheritable >> 32 * i);
  }
  return (int)syscall(SYS_capset, &head, data);
}

static uint64_t permitted_now(void) {
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &head, data) != 0) return 0;
  return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

// Inheritable capabilities would give a file's own to users that were to have none.
void clear_inheritable(void) { set_capabilities(permitted_now(), 0); }

static int needs_privilege_to_filter(const struct spec *s) {
  return s->seccomp != NULL && !s->no_new_privileges;
}

static void bound_capabilities(const struct spec *s) {
  if (!s->has_bounding) return;
  for (int cap = 0; cap < 64; cap++) {
    if (s->bounding >> cap & 1) continue;
    if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0 && errno != EINVAL)
      fail("Failed to drop capability %d from the bounding set: %s", cap, strerror(errno));
  }
}

// Whoever is not root keeps capabilities through exec only as ambient ones, which must be
// inheritable. Root's come from the bounding set at exec, whatever it has before.
static void grant_capabilities(const struct spec *s) {
  int is_root = geteuid() == 0;
  uint64_t granted = s->has_effective ? s->effective : 0;
  uint64_t kept = is_root && !s->has_effective ? permitted_now() : granted;
  uint64_t until_exec = needs_privilege_to_filter(s) ? sys_admin & permitted_now() : 0;
  if (set_capabilities(kept | until_exec, is_root ? 0 : granted) != 0)
    fail("Failed to set process capabilities: %s", strerror(errno));
  for (int cap = 0; !is_root && cap < 64; cap++) {
    if (!(granted >> cap & 1)) continue;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0)
      fail("Failed to set ambient capability %d: %s", cap, strerror(errno));
  }
}

void become_user(const struct spec *s) {
  int changes = s->switch_user && !(geteuid() != 0 && s->uid == geteuid());
  int keeps = s->has_bounding || needs_privilege_to_filter(s);
  bound_capabilities(s);
  if (keeps && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
    fail("Failed to keep capabilities: %s", strerror(errno));
  if (changes) {
    if (setgroups(s->groups_n, s->groups) != 0)
      fail("Failed to set supplementary groups: %s", strerror(errno));
    if (setresgid(s->gid, s->gid, s->gid) != 0)
      fail("Failed to set gid %u: %s", s->gid, strerror(errno));
    if (setresuid(s->uid, s->uid, s->uid) != 0)
      fail("Failed to set uid %u: %s", s->uid, strerror(errno));
  }
  if (keeps) grant_capabilities(s);
}

static int hex(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

ssize_t parse_hex(char *text) {
  size_t size = strlen(text) / 2;
  for (size_t i = 0; i < size; i++) {
    int high = hex(text[2 * i]), low = hex(text[2 * i + 1]);
    if (high < 0 || low < 0) return -1;
    text[i] = (char)(high << 4 | low);
  }
  return (ssize_t)size;
}

// The last thing before exec, so that the profile need not allow what we do ourselves.
void filter_system_calls(const struct spec *s) {
  if (s->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    fail("Failed to set NO_NEW_PRIVS: %s", strerror(errno));
  if (s->seccomp == NULL) return;
  ssize_t size = parse_hex(s->seccomp);
  if (size < 0 || size % (ssize_t)sizeof(struct sock_filter) != 0) fail("Malformed Seccomp filter");
  size_t length = (size_t)size / sizeof(struct sock_filter);
  struct sock_filter *program = malloc((size_t)size + 1);
  if (program == NULL) fail("Malformed Seccomp filter");
  memcpy(program, s->seccomp, (size_t)size);
  struct sock_fprog filter = {.len = (unsigned short)length, .filter = program};
  if (length > BPF_MAXINSNS || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0)
    fail("Failed to load Seccomp filter: %s", strerror(errno));
}
