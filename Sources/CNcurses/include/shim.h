// What Swift cannot import from ncurses by itself: the wide API behind a macro, function-like macros,
// constants built by macros, globals (shared mutable state to Swift 6), and signal handling that must be
// async-signal-safe. Everything else of <ncurses.h> is imported as it is.
#ifndef PARETOP_CNCURSES_SHIM_H
#define PARETOP_CNCURSES_SHIM_H

#define NCURSES_WIDECHAR 1
#include <locale.h>
#include <ncurses.h>
#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

// MARK: Locale and terminal description

/// Takes the character type of the environment (numbers keep the C locale) and tells whether it is UTF-8.
bool cn_use_environment_locale(void);
/// 1: the description was found; 0: no such terminal (or a hardcopy one); -1: no terminal database at all.
int cn_probe_terminal(const char *name);
/// True when the description of the opened terminal has this string capability.
bool cn_has_string(const char *capability);
/// The opened terminal's string capability, or NULL.
const char *cn_string(const char *capability);
/// True when the opened terminal takes red, green, blue as the colour number (xterm-direct and kin).
bool cn_is_direct_colour(void);

/// Opens the terminal on standard input and output; NULL when ncurses cannot.
SCREEN *cn_open(const char *name);

// MARK: Globals of ncurses

static inline WINDOW *cn_stdscr(void) { return stdscr; }
static inline WINDOW *cn_curscr(void) { return curscr; }
static inline int cn_colours(void) { return COLORS; }
static inline int cn_colour_pairs(void) { return COLOR_PAIRS; }
static inline int cn_rows(void) { return getmaxy(stdscr); }
static inline int cn_columns(void) { return getmaxx(stdscr); }

// MARK: Drawing

static const uint32_t cn_bold = A_BOLD;
static const uint32_t cn_dim = A_DIM;
static const uint32_t cn_underline = A_UNDERLINE;
static const uint32_t cn_reverse = A_REVERSE;

/// One cell: up to five scalars (a base and its combining marks), terminated by 0 if fewer.
typedef struct {
  uint32_t scalars[6];
} cn_cell;

/// Puts `count` characters of one style on a row, never wrapping and never moving the cursor.
void cn_put(int row, int column, const cn_cell *cells, int count, uint32_t attributes, int pair);
/// Columns that the C library gives this scalar in the current locale; -1 if unprintable.
int cn_width(uint32_t scalar);

// MARK: Input

/// One key: returns OK for a character, KEY_CODE_YES for a function key, ERR when nothing waits.
static inline int cn_get(uint32_t *code) {
  wint_t value = 0;
  int kind = wget_wch(stdscr, &value);
  *code = (uint32_t)value;
  return kind;
}

static const int cn_ok = OK;
static const int cn_err = ERR;
static const int cn_key_code = KEY_CODE_YES;
static const int cn_key_f0 = KEY_F0;
/// The code of function key `number` (KEY_F).
static inline int cn_key_f(int number) { return KEY_F(number); }

typedef enum {
  cn_mouse_none,
  cn_mouse_press,
  cn_mouse_release,
  cn_mouse_middle_press,
  cn_mouse_right_press,
  cn_mouse_drag,
  cn_mouse_wheel_up,
  cn_mouse_wheel_down,
} cn_mouse_kind;

/// Takes the next mouse event off the queue of ncurses.
cn_mouse_kind cn_get_mouse(int *x, int *y);
/// Asks ncurses for mouse reports, and the terminal for drags where its description speaks SGR codes.
/// False when the terminal has no mouse.
bool cn_set_mouse(bool on);
/// Asks the terminal to put brackets around pasted text, `ESC [ 200 ~` and `ESC [ 201 ~` (xterm's mode 2004). Asked of
/// terminals that report a mouse as xterm does; others might print it.
void cn_set_bracketed_paste(bool on);
/// Asks kin of xterm for the colour of their ground (OSC 11); the answer comes as input, from those that have one.
void cn_ask_background(void);

// MARK: Signals

/// Bytes read from the wake descriptor tell what happened.
static const uint8_t cn_wake_resize = 'w';
static const uint8_t cn_wake_continue = 'c';
static const uint8_t cn_wake_hangup = 'h';
static const uint8_t cn_wake_terminate = 't';

/// Installs the handlers for HUP, TERM and INT; call before `cn_open`, which would install its own.
/// Returns a descriptor that becomes readable when one of them, WINCH or CONT arrives; -1 with errno set.
int cn_install_wake(void);
/// Installs the handlers for WINCH and CONT and the guard on fatal signals; call after `cn_open`.
void cn_install_guard(void);
/// Puts back every handler that stood before.
void cn_remove_handlers(void);
/// Signal that asked the program to end (SIGHUP, SIGTERM, SIGINT), or 0.
int cn_end_signal(void);
/// Stops the process as Ctrl-Z does in a cooked terminal; returns when it is continued.
void cn_stop_self(void);
/// Writes the terminal's reset strings and its saved modes at once; safe in a signal handler.
void cn_emergency_reset(void);

#endif
