// What the parts of the launcher share. PROTOCOL.md states what is said.
#ifndef MESITA_LAUNCHER_H
#define MESITA_LAUNCHER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { MAX_GROUPS = 1024 };

// Something done to the file system on the way to the user's program, in the order given.
struct step {
  char kind;  // 'M'ount, mas'K', 'S'ymlink, 'R'ename, make 'D'irectory
  unsigned long flags;
  // A path with a root is resolved as if that were `/`: no link below it leads out.
  char *target, *target_root, *source, *source_root;
  char *type, *options;
  int tree;  // what is mounted there already, if it is to spread both ways; else 0
};

// What one `fork` frame asks for. Strings point into the frame.
struct spec {
  char *sequence, *directory, *cwd, *in, *out, *err, *tty, *file, *root, *seccomp;
  char **args, **env, **limits, **before, **cgroups;
  struct step *steps;
  size_t args_n, env_n, limits_n, before_n, cgroups_n, steps_n, groups_n;
  uid_t uid;
  gid_t gid, groups[MAX_GROUPS];
  int switch_user;
  int clone_flags, enter_flags;
  pid_t enter_pid;
  uint64_t bounding, effective;
  int has_bounding, has_effective, no_new_privileges;
};

// launcher.c
void close_from(int lowest);
int read_all(int fd, void *to, size_t size);
int write_all(int fd, const void *from, size_t size);
// Reads one frame from standard input; ends the process where there is none.
void serve_frame(void (*serve)(char **fields, size_t n));
void answer(const char *sequence, const char *kind, const char *text);

// switchboard.c: serves a container's streams until they end. Answers the exit status.
int run_switchboard(int argc, char **argv);

// companion.c: watches cgroups and filters their devices. Never returns.
void become_companion(void) __attribute__((noreturn));

// spec.c: `fields` are a frame's strings after the verb and the sequence number.
int parse_spec(struct spec *s, char **fields, size_t n);
void free_spec(struct spec *s);

// supervisor.c: tells `report` the pids or what failed, then never returns.
void become_supervisor(const struct spec *s, int report, int go);

// namespaces.c: 0, or -1 with errno.
int join_namespaces(pid_t target, int flags);
int make_namespaces(int flags);

// container.c: from the release to the user's program. Never returns.
void run_container(const struct spec *s, int go, int in, int out, int err);
// Says on the sandbox's standard error what went wrong, and ends with status 1.
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

// filesystem.c
// Before the namespace is the container's own: -1 with errno when something cannot be shared.
int take_shared_trees(const struct spec *s);
// Their descriptors are the lowest then; answers the first that is none of them.
int gather_shared_trees(const struct spec *s);
void take_steps(const struct spec *s);
void enter_root(const char *root);

// privileges.c
void clear_inheritable(void);
void become_user(const struct spec *s);
void filter_system_calls(const struct spec *s);
// Hexadecimal digits to bytes in their place; the number of bytes, or -1.
ssize_t parse_hex(char *text);

#endif
