// `mesita-launcher switchboard`: what a container reads and prints, when people may attach to it.
//
// agent ──socket──▶ switchboard ◀──FIFOs, or a terminal──▶ container
//                       └──▶ where the container's logger wants the output
//
// It has a supervisor like a container, so it outlives the agent. It runs in a directory of its own:
// `in`, `out`, `err` (FIFOs) or `tty` (a file that names the terminal), `socket`, `ready`.
// A client's first byte says what it is: 'O' gets frames of output, 'I' sends frames of input.
// A frame is a letter, its length in four bytes, little endian, and the data:
//   'o' output, 'e' errors; 'd' data, 'w' window size (rows and columns, two bytes each), 'x' the end.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"

enum { MAX_CLIENTS = 32, CHUNK = 16384, HEAD = 5, ROOM = 1 << 18, PATIENCE_S = 30, FAREWELL_S = 5 };

// Output is copied into each client's room; nothing more is read while one of them is full.
static struct client {
  int fd;
  char kind;    // 0: has not said yet
  int blocked;  // its data waits for the container to take it
  size_t used;
  time_t full_since;
  char room[ROOM];
} clients[MAX_CLIENTS];

static struct stream { int from, to; char letter; } streams[2];
static int stdin_fd = -1, is_tty, waits, heard;

static time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

static void give_up(const char *what) {
  dprintf(2, "Failed to %s: %s\n", what, strerror(errno));
  _exit(EXIT_FAILURE);
}

static void drop(struct client *c) {
  close(c->fd);
  c->fd = -1;
  c->kind = 0;
  c->used = 0;
  c->blocked = 0;
  c->full_since = 0;
}

static int is_full(const struct client *c) { return c->used + HEAD + CHUNK > ROOM; }

static void put_frame(struct client *c, char letter, const char *data, size_t size) {
  char *at = c->room + c->used;
  at[0] = letter;
  for (int i = 0; i < 4; i++) at[1 + i] = (char)(size >> (8 * i));
  memcpy(at + HEAD, data, size);
  c->used += HEAD + size;
}

static void flush(struct client *c) {
  ssize_t put = write(c->fd, c->room, c->used);
  if (put < 0 && errno != EAGAIN && errno != EINTR) return drop(c);
  if (put <= 0) return;
  c->used -= (size_t)put;
  memmove(c->room, c->room + put, c->used);
  c->full_since = 0;
}

static void copy_output(struct stream *s) {
  char data[CHUNK];
  ssize_t got = read(s->from, data, sizeof data);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    close(s->from);
    // A terminal is both.
    if (s->from == stdin_fd) stdin_fd = -1;
    s->from = -1;
    return;
  }
  write_all(s->to, data, (size_t)got);
  for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
    if (c->kind == 'O') put_frame(c, s->letter, data, (size_t)got);
}

static void end_input(void) {
  if (is_tty || stdin_fd < 0) return;
  close(stdin_fd);
  stdin_fd = -1;
}

// Until the container takes it: whoever types ahead waits. Nobody reads any more: it goes nowhere.
static int write_input(const char *data, size_t size) {
  ssize_t put = stdin_fd < 0 ? (ssize_t)size : write(stdin_fd, data, size);
  if (put < 0) return errno == EAGAIN || errno == EINTR ? 0 : (int)size;
  return (int)put;
}

static void resize(const unsigned char *data) {
  struct winsize size = {.ws_row = (unsigned short)(data[0] | data[1] << 8),
                         .ws_col = (unsigned short)(data[2] | data[3] << 8)};
  if (is_tty) ioctl(stdin_fd, TIOCSWINSZ, &size);
}

// Takes the frames that are whole out of the room; of data also what is there of it.
static void take_input(struct client *c) {
  c->blocked = 0;
  for (size_t left = c->used; left >= HEAD; left = c->used) {
    unsigned char *head = (unsigned char *)c->room;
    size_t size = head[1] | head[2] << 8 | head[3] << 16 | (size_t)head[4] << 24, done = HEAD;
    if (size > ROOM - HEAD) return drop(c);
    if (left < HEAD + size) return;
    if (head[0] == 'w' && size == 4) resize(head + HEAD);
    if (head[0] == 'x') end_input();
    if (head[0] == 'd') {
      size_t put = (size_t)write_input(c->room + HEAD, size);
      if (put < size) {
        // The rest becomes a smaller frame.
        memmove(c->room + HEAD, c->room + HEAD + put, left - HEAD - put);
        c->used -= put;
        size -= put;
        for (int i = 0; i < 4; i++) c->room[1 + i] = (char)(size >> (8 * i));
        c->blocked = 1;
        return;
      }
    }
    done += size;
    memmove(c->room, c->room + done, left - done);
    c->used -= done;
  }
}

static int has_input(void) {
  for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
    if (c->kind == 'I') return 1;
  return 0;
}

static void greet(struct client *c) {
  char kind;
  ssize_t got = read(c->fd, &kind, 1);
  if (got < 0 && errno == EAGAIN) return;
  if (got != 1 || (kind != 'O' && kind != 'I')) return drop(c);
  // One may type at a time. The answer is told apart by who waits for it.
  if (kind == 'I' && has_input()) {
    if (write(c->fd, "B", 1) < 0) errno = 0;
    return drop(c);
  }
  if (kind == 'I' && write(c->fd, "K", 1) != 1) return drop(c);
  c->kind = kind;
  if (kind == 'O') heard = 1;
}

static void hear(struct client *c) {
  if (c->kind == 0) return greet(c);
  if (c->kind == 'O') {
    char nothing[64];
    if (read(c->fd, nothing, sizeof nothing) == 0) drop(c);
    return;
  }
  ssize_t got = read(c->fd, c->room + c->used, ROOM - c->used);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return drop(c);
  c->used += (size_t)got;
  take_input(c);
}

static void welcome(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  for (struct client *c = clients; c < clients + MAX_CLIENTS; c++) {
    if (c->fd >= 0) continue;
    c->fd = fd;
    return;
  }
  close(fd);
}

// A client that takes nothing for too long holds the container no longer.
static int is_held(void) {
  int held = waits && !heard;
  for (struct client *c = clients; c < clients + MAX_CLIENTS; c++) {
    if (c->kind != 'O' || !is_full(c)) continue;
    if (c->full_since == 0) c->full_since = now();
    if (!waits && now() - c->full_since > PATIENCE_S) drop(c);
    else held = 1;
  }
  return held;
}

static int has_unsent(void) {
  for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
    if (c->kind == 'O' && c->used > 0) return 1;
  return 0;
}

// Until the container has closed its streams and the clients have it all, or some time has passed.
static void serve(int listener) {
  for (time_t over = 0;;) {
    struct pollfd polls[MAX_CLIENTS + 4];
    int is_over = streams[0].from < 0 && streams[1].from < 0, held = is_held(), pending = 0;
    if (is_over && over == 0) over = now();
    if (is_over && (!has_unsent() || now() - over > FAREWELL_S)) return;
    for (int i = 0; i < MAX_CLIENTS; i++) {
      struct client *c = &clients[i];
      if (c->blocked) pending = 1;
      polls[i] = (struct pollfd){.fd = c->blocked ? -1 : c->fd, .events = POLLIN};
      if (c->kind == 'O' && c->used > 0) polls[i].events |= POLLOUT;
    }
    polls[MAX_CLIENTS] = (struct pollfd){.fd = listener, .events = POLLIN};
    polls[MAX_CLIENTS + 1] = (struct pollfd){.fd = pending ? stdin_fd : -1, .events = POLLOUT};
    for (int i = 0; i < 2; i++)
      polls[MAX_CLIENTS + 2 + i] = (struct pollfd){.fd = held ? -1 : streams[i].from, .events = POLLIN};
    if (poll(polls, MAX_CLIENTS + 4, 1000) < 0 && errno != EINTR) return;
    for (int i = 0; i < MAX_CLIENTS; i++) {
      struct client *c = &clients[i];
      if (c->fd < 0 || polls[i].fd != c->fd) continue;
      if (polls[i].revents & POLLOUT) flush(c);
      if (c->fd >= 0 && polls[i].revents & (POLLIN | POLLHUP | POLLERR)) hear(c);
    }
    if (polls[MAX_CLIENTS].revents) welcome(listener);
    if (polls[MAX_CLIENTS + 1].revents)
      for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
        if (c->blocked) take_input(c);
    for (int i = 0; i < 2; i++)
      if (streams[i].from >= 0 && polls[MAX_CLIENTS + 2 + i].revents) copy_output(&streams[i]);
  }
}

static int open_sink(const char *path, const char *user) {
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0) give_up("open a log");
  fcntl(fd, F_SETFL, O_APPEND);
  unsigned uid, gid;
  if (S_ISREG(info.st_mode) && sscanf(user, "%u:%u", &uid, &gid) == 2 && fchown(fd, uid, gid) != 0)
    give_up("own a log");
  return fd;
}

static int make_fifo(const char *name, int flags) {
  if (mkfifo(name, 0600) != 0) give_up("make a FIFO");
  // Writing ends open only where there is a reader.
  int both = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  int fd = open(name, flags | O_NONBLOCK | O_CLOEXEC);
  if (both < 0 || fd < 0) give_up("open a FIFO");
  close(both);
  return fd;
}

static void make_terminal(const char *user) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  char name[128];
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) give_up("make a terminal");
  if (ptsname_r(master, name, sizeof name) != 0) give_up("name a terminal");
  unsigned uid, gid;
  if (sscanf(user, "%u:%u", &uid, &gid) == 2 && chown(name, uid, (gid_t)-1) != 0)
    give_up("own a terminal");
  fcntl(master, F_SETFL, O_NONBLOCK);
  int fd = open("tty", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || write_all(fd, name, strlen(name)) != 0) give_up("tell of a terminal");
  close(fd);
  stdin_fd = streams[0].from = master;
}

// `switchboard tty|pipes attend|go-on <uid:gid or -> <stdout> <stderr>`, in its directory.
int run_switchboard(int argc, char **argv) {
  if (argc != 7) return EXIT_FAILURE;
  signal(SIGPIPE, SIG_IGN);
  is_tty = strcmp(argv[2], "tty") == 0;
  waits = strcmp(argv[3], "attend") == 0;
  for (struct client *c = clients; c < clients + MAX_CLIENTS; c++) c->fd = -1;
  streams[0] = (struct stream){.from = -1, .to = open_sink(argv[5], argv[4]), .letter = 'o'};
  streams[1] = (struct stream){.from = -1, .to = open_sink(argv[6], argv[4]), .letter = 'e'};
  if (is_tty) make_terminal(argv[4]);
  else {
    stdin_fd = make_fifo("in", O_WRONLY);
    streams[0].from = make_fifo("out", O_RDONLY);
    streams[1].from = make_fifo("err", O_RDONLY);
  }
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  umask(077);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(listener, MAX_CLIENTS) != 0)
    give_up("listen");
  if (creat("ready", 0600) < 0) give_up("say that it is ready");
  serve(listener);
  return EXIT_SUCCESS;
}
