// Reads the fields of a `fork` frame: one letter, one value.

#include <stdlib.h>
#include <string.h>

#include "launcher.h"

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

static int parse_enter(struct spec *s, const char *value) {
  char *end;
  s->enter_pid = (pid_t)strtol(value, &end, 10);
  if (*end++ != ':' || s->enter_pid <= 0) return -1;
  s->enter_flags = (int)strtol(end, &end, 10);
  return *end == 0 ? 0 : -1;
}

static int parse_capabilities(struct spec *s, const char *value) {
  char *end;
  s->has_bounding = 1;
  s->bounding = strtoull(value, &end, 16);
  if (*end++ != ':') return -1;
  if (*end == '-') return 0;
  s->has_effective = 1;
  s->effective = strtoull(end, &end, 16);
  return *end == 0 ? 0 : -1;
}

// A field that begins a step, or one that tells more of the last.
static int parse_step(struct spec *s, char letter, char *value) {
  if (strchr("MKSRD", letter)) {
    struct step *step = &s->steps[s->steps_n++];
    step->kind = letter;
    step->flags = strtoul(value, NULL, 10);
    return 0;
  }
  if (s->steps_n == 0) return -1;
  struct step *step = &s->steps[s->steps_n - 1];
  switch (letter) {
    case '>': step->target = value; return 0;
    case ']': step->target_root = value; return 0;
    case '<': step->source = value; return 0;
    case '[': step->source_root = value; return 0;
    case 'y': step->type = value; return 0;
    case 'x': step->options = value; return 0;
    default: return -1;
  }
}

static int parse_field(struct spec *s, char letter, char *value) {
  switch (letter) {
    case 'd': s->directory = value; return 0;
    case 'w': s->cwd = value; return 0;
    case 'i': s->in = value; return 0;
    case 'o': s->out = value; return 0;
    case 'e': s->err = value; return 0;
    case 't': s->tty = value; return 0;
    case 'f': s->file = value; return 0;
    case 'r': s->root = value; return 0;
    case 's': s->seccomp = value; return 0;
    case 'n': s->no_new_privileges = 1; return 0;
    case 'a': s->args[s->args_n++] = value; return 0;
    case 'v': s->env[s->env_n++] = value; return 0;
    case 'l': s->limits[s->limits_n++] = value; return 0;
    case 'p': s->before[s->before_n++] = value; return 0;
    case 'c': s->cgroups[s->cgroups_n++] = value; return 0;
    case 'N': s->clone_flags = atoi(value); return 0;
    case 'E': return parse_enter(s, value);
    case 'k': return parse_capabilities(s, value);
    case 'u': return parse_user(s, value);
    default: return parse_step(s, letter, value);
  }
}

static int are_steps_whole(const struct spec *s) {
  for (size_t i = 0; i < s->steps_n; i++) {
    const struct step *step = &s->steps[i];
    int needs_source = step->kind == 'S' || step->kind == 'R';
    if (step->target == NULL || (needs_source && step->source == NULL)) return 0;
  }
  return 1;
}

int parse_spec(struct spec *s, char **fields, size_t n) {
  // No list is longer than the frame, and each ends in a null.
  char ***lists[] = {&s->args, &s->env, &s->limits, &s->before, &s->cgroups};
  size_t lists_n = sizeof lists / sizeof *lists;
  char **all = calloc(lists_n * (n + 1), sizeof *all);
  s->steps = calloc(n + 1, sizeof *s->steps);
  if (all == NULL || s->steps == NULL) return -1;
  for (size_t i = 0; i < lists_n; i++) *lists[i] = all + i * (n + 1);
  for (size_t i = 0; i < n; i++)
    if (parse_field(s, fields[i][0], fields[i] + 1) != 0) return -1;
  int is_whole = s->directory && s->cwd && s->out && s->err && s->file && s->args_n;
  return is_whole && are_steps_whole(s) ? 0 : -1;
}

void free_spec(struct spec *s) {
  free(s->args);
  free(s->steps);
  free(s);
}
