"""Measure the workbench from outside, through a pseudo-terminal: bench_terminal.py PARETOP [MODEL].

Prints one table: cold start to the first screen, key press to redrawn screen (idle, and while measuring),
bytes sent for a one-step knob turn, and processor time when idle. A screen counts as redrawn when an emulator
fed with the bytes shows the knob's new value.
"""

import argparse
import fcntl
import os
import pathlib
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time

import pyte

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 120, 36


class Terminal:
    """A program in a pseudo-terminal, its screen kept by an emulator."""

    def __init__(self, arguments, home):
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.ByteStream(self.screen)
        self.received = 0
        self.started = time.perf_counter()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", HOME=home, XDG_STATE_HOME=home + "/state",
                              XDG_CONFIG_HOME=home + "/config", LINES=str(HEIGHT), COLUMNS=str(WIDTH))
            os.execv(arguments[0], arguments)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))

    def pump(self, timeout):
        """Take what arrives within `timeout`; False if nothing did."""
        if not select.select([self.master], [], [], timeout)[0]:
            return False
        data = os.read(self.master, 1 << 16)
        self.received += len(data)
        self.stream.feed(data)
        return True

    def record(self, seconds):
        """What arrives within `seconds`, with its times; the emulator, which is slow, sees it only afterwards."""
        end, chunks = time.perf_counter() + seconds, []
        while (left := end - time.perf_counter()) > 0:
            if select.select([self.master], [], [], left)[0]:
                data = os.read(self.master, 1 << 16)
                chunks.append((time.perf_counter(), data))
        return chunks

    @property
    def text(self):
        return "\n".join(self.screen.display)

    def wait(self, seen, seconds=20):
        """Seconds from now until the screen satisfies `seen`."""
        start = time.perf_counter()
        while not seen(self.text):
            left = start + seconds - time.perf_counter()
            if left <= 0 or (not self.pump(left) and not seen(self.text)):
                raise SystemExit("the screen never came; it is:\n" + self.text)
        return time.perf_counter() - start

    def press(self, keys):
        os.write(self.master, keys.encode())

    def settle(self):
        self.wait(lambda text: "settled" in text)
        while self.pump(0.3):
            pass

    def close(self):
        self.press("q")
        end = time.perf_counter() + 3
        while time.perf_counter() < end:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return
            try:
                self.pump(0.05)
            except OSError:
                time.sleep(0.01)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def prune_shown(text):
    """The percentage on the pruning knob's row, or None while it is half drawn."""
    for line in text.splitlines():
        if " prune " in line and "%" in line:
            word = line.split("%")[0].split()[-1]
            return int(word) if word.isdigit() else None
    return None


def cold_starts(program, model, runs):
    """Seconds from exec to a screen with the knobs on it, each in a home of its own."""
    found = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as home:
            terminal = Terminal([program, model], home)
            terminal.wait(lambda text: "knobs" in text and "pareto" in text)
            found.append(time.perf_counter() - terminal.started)
            terminal.close()
    return found


def key_presses(terminal, count, pause):
    """Seconds from a key to the bytes that show its effect."""
    seconds = []
    for _ in range(count):
        before = prune_shown(terminal.text)
        key, target = ("l", before + 1) if before < 60 else ("0", 0)
        pressed = time.perf_counter()
        terminal.press(key)
        shown = None
        for arrived, data in terminal.record(pause):
            terminal.received += len(data)
            terminal.stream.feed(data)
            if shown is None:
                if prune_shown(terminal.text) == target:
                    shown = arrived
        if shown is None:
            raise SystemExit(f"{key} was not answered within {pause} s; the screen is:\n{terminal.text}")
        seconds.append(shown - pressed)
    return seconds


def bytes_per_turn(terminal, count):
    """All bytes from a key until the configuration has settled, and of the frame that answers the key alone."""
    whole = []
    for _ in range(count):
        terminal.settle()
        received = terminal.received
        terminal.press("l")
        terminal.wait(lambda text: "measuring" in text or "settled" not in text)
        terminal.settle()
        whole.append(terminal.received - received)
    return whole


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rest(terminal, most=30):
    """Waits for a second without work, which goes on for a while once all is settled (what each layer alone suffers)."""
    now = time.perf_counter
    end, since, before = now() + most, now(), processor_seconds(terminal.pid)
    while now() < end and now() - since < 1:
        terminal.pump(0.1)
        if processor_seconds(terminal.pid) != before:
            since, before = now(), processor_seconds(terminal.pid)


def idle_share(terminal, seconds=6):
    before, start = processor_seconds(terminal.pid), time.perf_counter()
    while (left := start + seconds - time.perf_counter()) > 0:
        terminal.pump(left)
    return (processor_seconds(terminal.pid) - before) / (time.perf_counter() - start)


def row(what, values, unit, bound, scale=1.0):
    values = sorted(v * scale for v in values)
    p95 = values[min(len(values) - 1, int(0.95 * len(values)))]
    print(f"{what:46} {statistics.median(values):9.1f} {p95:9.1f} {values[-1]:9.1f} {unit:6} {bound}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("model", nargs="?", default=str(ROOT / "sample-models" / "glyphs-lenet"))
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    print(f"{'':46} {'median':>9} {'p95':>9} {'max':>9}")
    row("cold start to first screen", cold_starts(program, arguments.model, 10), "ms", "bound 150", 1e3)
    with tempfile.TemporaryDirectory() as home:
        terminal = Terminal([program, arguments.model], home)
        terminal.settle()
        rest(terminal)
        print(f"{'idle share of one core':46} {100 * idle_share(terminal):9.2f} {'':9} {'':9} {'%':6} bound 1")
        seconds = key_presses(terminal, 100, 0.04)
        row("key to screen, 25 keys a second", seconds, "ms", "bound 16 at p95", 1e3)
        seconds = key_presses(terminal, 60, 0.15)
        row("key to screen, while measuring", seconds, "ms", "bound 16 at p95", 1e3)
        row("bytes of a one-step turn until it has settled", bytes_per_turn(terminal, 8), "B", "bound 4096")
        terminal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
