// wcwidth and the signal names need it.
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

// MARK: Locale and terminal description

bool cn_use_environment_locale(void) {
  // Only the character type: a decimal comma must not reach parsers and printed numbers.
  setlocale(LC_CTYPE, "");
  const char *codeset = nl_langinfo(CODESET);
  return codeset && (strcmp(codeset, "UTF-8") == 0 || strcmp(codeset, "utf8") == 0);
}

int cn_probe_terminal(const char *name) {
  int status = 0;
  // With an error pointer setupterm reports; without one it would exit the process.
  int result = setupterm(name, STDOUT_FILENO, &status);
  if (cur_term) del_curterm(cur_term);
  return result == OK ? 1 : status;
}

const char *cn_string(const char *capability) {
  char *value = tigetstr((char *)capability);
  return value == (char *)-1 ? NULL : value;
}

bool cn_has_string(const char *capability) { return cn_string(capability) != NULL; }

bool cn_is_direct_colour(void) {
  return tigetflag("RGB") > 0 || tigetnum("RGB") > 0 || cn_string("RGB") != NULL;
}

SCREEN *cn_open(const char *name) {
  use_tioctl(TRUE);  // exported LINES and COLUMNS would freeze the size
  return newterm(name, stdout, stdin);
}

// MARK: Drawing

void cn_put(int row, int column, const cn_cell *cells, int count, uint32_t attributes, int pair) {
  for (int i = 0; i < count; i++) {
    wchar_t text[6];
    for (int k = 0; k < 6; k++) text[k] = (wchar_t)cells[i].scalars[k];
    text[5] = 0;
    cchar_t cell;
    // The opts argument carries pairs that do not fit the short one.
    if (setcchar(&cell, text, attributes, (short)(pair > 32767 ? 32767 : pair), &pair) != OK) continue;
    // The n-string form neither wraps at the right edge nor scrolls at the last cell.
    mvwadd_wchnstr(stdscr, row, column, &cell, 1);
    int width = wcwidth(text[0]);
    column += width > 1 ? width : 1;
  }
}

int cn_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

// MARK: Input

static bool mouse_is_on = false;
static bool mouse_needs_drag_code = false;

bool cn_set_mouse(bool on) {
  if (on && !cn_has_string("kmous")) return false;
  const char *report = cn_string("kmous");
  bool speaks_sgr = report && strcmp(report, "\033[<") == 0;
  if (on) {
    mouseinterval(0);  // a press is reported at once, not after the time of a possible click
    mousemask(ALL_MOUSE_EVENTS | REPORT_MOUSE_POSITION, NULL);
    if (speaks_sgr) {
      // ncurses asks for clicks only; drags need the cell-motion mode.
      if (write(STDOUT_FILENO, "\033[?1002h", 8) == 8) mouse_needs_drag_code = true;
    }
  } else if (mouse_is_on) {
    if (mouse_needs_drag_code && write(STDOUT_FILENO, "\033[?1002l", 8) == 8) mouse_needs_drag_code = false;
    mousemask(0, NULL);
  }
  mouse_is_on = on;
  return true;
}

static bool paste_is_bracketed = false;

void cn_set_bracketed_paste(bool on) {
  if (on == paste_is_bracketed || (on && !cn_has_string("kmous"))) return;
  const char *mode = on ? "\033[?2004h" : "\033[?2004l";
  if (write(STDOUT_FILENO, mode, 8) == 8) paste_is_bracketed = on;
}

void cn_ask_background(void) {
  if (!cn_has_string("kmous")) return;
  ssize_t written = write(STDOUT_FILENO, "\033]11;?\033\\", 8);
  (void)written;  // without an answer the theme stays as it is
}

cn_mouse_kind cn_get_mouse(int *x, int *y) {
  MEVENT event;
  if (getmouse(&event) != OK) return cn_mouse_none;
  *x = event.x;
  *y = event.y;
  if (event.bstate & BUTTON4_PRESSED) return cn_mouse_wheel_up;
  if (event.bstate & BUTTON5_PRESSED) return cn_mouse_wheel_down;
  if (event.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED)) return cn_mouse_press;
  if (event.bstate & BUTTON2_PRESSED) return cn_mouse_middle_press;
  if (event.bstate & BUTTON3_PRESSED) return cn_mouse_right_press;
  if (event.bstate & (BUTTON1_RELEASED | BUTTON2_RELEASED | BUTTON3_RELEASED)) return cn_mouse_release;
  if (event.bstate & REPORT_MOUSE_POSITION) return cn_mouse_drag;
  return cn_mouse_none;
}

// MARK: Signals

static int wake_pipe[2] = {-1, -1};
static volatile sig_atomic_t end_signal = 0;

static char reset_string[512];
static size_t reset_length = 0;
static struct termios cooked_modes;
static bool has_cooked_modes = false;

enum { kinds = 12 };
static const int handled[kinds] = {SIGHUP,  SIGTERM, SIGINT,  SIGWINCH, SIGCONT, SIGQUIT,
                                   SIGILL,  SIGTRAP, SIGABRT, SIGSEGV,  SIGBUS,  SIGFPE};
static struct sigaction previous[kinds];
static bool is_installed[kinds];

static int slot(int signal_number) {
  for (int i = 0; i < kinds; i++) {
    if (handled[i] == signal_number) return i;
  }
  return -1;
}

static void wake(uint8_t byte) {
  if (wake_pipe[1] < 0) return;
  ssize_t written = write(wake_pipe[1], &byte, 1);
  (void)written;  // a full pipe already wakes the reader
}

static void write_all(const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(STDOUT_FILENO, bytes, count);
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

void cn_emergency_reset(void) {
  static const char no_mouse[] = "\033[?1002l\033[?1000l\033[?1006l";
  static const char no_brackets[] = "\033[?2004l";
  if (!has_cooked_modes) return;
  if (mouse_is_on) write_all(no_mouse, sizeof no_mouse - 1);
  if (paste_is_bracketed) write_all(no_brackets, sizeof no_brackets - 1);
  write_all(reset_string, reset_length);
  // From the background, setting modes would stop the process.
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  tcsetattr(STDIN_FILENO, TCSANOW, &cooked_modes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void on_end(int signal_number) {
  int saved = errno;
  if (end_signal != 0 && signal_number != SIGHUP) {
    // Asked twice: the program does not end by itself.
    cn_emergency_reset();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
  }
  end_signal = signal_number;
  wake(signal_number == SIGHUP ? cn_wake_hangup : cn_wake_terminate);
  errno = saved;
}

static void on_notice(int signal_number) {
  int saved = errno;
  int index = slot(signal_number);
  if (index >= 0 && previous[index].sa_handler != SIG_DFL && previous[index].sa_handler != SIG_IGN &&
      !(previous[index].sa_flags & SA_SIGINFO)) {
    previous[index].sa_handler(signal_number);  // ncurses notes the new size
  }
  wake(signal_number == SIGWINCH ? cn_wake_resize : cn_wake_continue);
  errno = saved;
}

static void on_crash(int signal_number, siginfo_t *info, void *context) {
  (void)context;
  cn_emergency_reset();
  int index = slot(signal_number);
  if (index >= 0) sigaction(signal_number, &previous[index], NULL);
  // A fault of the processor happens again on return, with its own address for the handler before us
  // (Swift's backtrace); everything else has to be sent again.
  bool happens_again = info && info->si_code > 0 && signal_number != SIGTRAP && signal_number != SIGABRT;
  if (!happens_again) raise(signal_number);
}

static void install(int signal_number, void (*handler)(int), void (*informed)(int, siginfo_t *, void *)) {
  int index = slot(signal_number);
  if (index < 0 || is_installed[index]) return;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  if (informed) {
    action.sa_sigaction = informed;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  } else {
    action.sa_handler = handler;
  }
  if (sigaction(signal_number, &action, &previous[index]) != 0) return;
  if (!informed && signal_number == SIGHUP && previous[index].sa_handler == SIG_IGN) {
    sigaction(signal_number, &previous[index], NULL);  // started under nohup: keep its wish
    return;
  }
  is_installed[index] = true;
}

int cn_install_wake(void) {
  if (wake_pipe[0] < 0) {
    if (pipe(wake_pipe) != 0) return -1;
    for (int i = 0; i < 2; i++) {
      fcntl(wake_pipe[i], F_SETFL, O_NONBLOCK);
      fcntl(wake_pipe[i], F_SETFD, FD_CLOEXEC);
    }
  }
  end_signal = 0;
  has_cooked_modes = tcgetattr(STDIN_FILENO, &cooked_modes) == 0;
  install(SIGHUP, on_end, NULL);
  install(SIGTERM, on_end, NULL);
  install(SIGINT, on_end, NULL);
  return wake_pipe[0];
}

/// Appends a capability without its padding marks such as `$<5>`.
static void append_reset(const char *capability) {
  const char *text = cn_string(capability);
  while (text && *text && reset_length < sizeof reset_string) {
    if (text[0] == '$' && text[1] == '<') {
      const char *end = strchr(text, '>');
      if (end) {
        text = end + 1;
        continue;
      }
    }
    reset_string[reset_length++] = *text++;
  }
}

void cn_install_guard(void) {
  static const char *capabilities[] = {"sgr0", "op", "rmacs", "rmkx", "cnorm", "rmcup"};
  reset_length = 0;
  for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) append_reset(capabilities[i]);
  install(SIGWINCH, on_notice, NULL);
  install(SIGCONT, on_notice, NULL);
  static const int fatal[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) install(fatal[i], NULL, on_crash);
}

void cn_remove_handlers(void) {
  for (int i = 0; i < kinds; i++) {
    if (!is_installed[i]) continue;
    sigaction(handled[i], &previous[i], NULL);
    is_installed[i] = false;
  }
  has_cooked_modes = false;
}

int cn_end_signal(void) { return end_signal; }

void cn_stop_self(void) {
  struct sigaction plain, before;
  memset(&plain, 0, sizeof plain);
  plain.sa_handler = SIG_DFL;
  sigemptyset(&plain.sa_mask);
  sigaction(SIGTSTP, &plain, &before);
  // The whole group: in a pipeline the shell waits for all of it.
  kill(0, SIGTSTP);
  sigaction(SIGTSTP, &before, NULL);
}
