# tests/patience.py: tells a program that hangs from one that a loaded machine makes slow
"""Usage: patience.py [--used SECONDS] [--asleep SECONDS] COMMAND...; exit code 124 where it hung and was ended.

No limit is one of the clock. What hangs uses the processor without a sign of progress (`used` seconds of it, with all
that it started), or sleeps, it and all that it started, whenever one looks (`asleep` seconds of looks).
"""
import argparse
import os
import signal
import subprocess
import sys
import time

LOOK = 0.2  # seconds between two looks, at least; counted as such, however late they come


def family(pid):
    """Fields of /proc/PID/stat from the state on: of the process and what it started, as far as it lives."""
    stats, children = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", "rb") as file:
                    stats[int(entry)] = fields = file.read().rpartition(b")")[2].split()
            except OSError:  # it ended
                continue
            children.setdefault(int(fields[1]), []).append(int(entry))
    waiting, found = [pid], []
    while waiting:
        one = waiting.pop()
        if one in stats:
            found.append((one, stats[one]))
        waiting += children.get(one, ())
    return found


def threads(pid):
    """The states of its threads."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/stat", "rb") as file:
                found.append(file.read().rpartition(b")")[2].split()[0])
    except OSError:
        pass
    return found


class Patience:
    """Watches a process that leads its own group. `lost()` waits a little, then tells whether it hangs."""

    def __init__(self, process, used, asleep):
        self.process, self.used, self.asleep = process, used, asleep
        self.progress()

    def progress(self):
        """It did something: patience starts anew."""
        self._start, self._slept = None, 0.0

    def lost(self):
        try:
            self.process.wait(LOOK)
            return False
        except subprocess.TimeoutExpired:
            pass
        found = family(self.process.pid)
        # utime, stime, and those of children that it has waited for.
        used = sum(int(n) for _, fields in found for n in fields[11:15]) / os.sysconf("SC_CLK_TCK")
        if self._start is None:
            self._start = used
        if all(state in (b"S", b"Z") for pid, _ in found for state in threads(pid)):
            self._slept += LOOK
        return used - self._start > self.used or self._slept > self.asleep

    def end(self):
        """Ends the whole group."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                break
            for _ in range(100 if number == signal.SIGTERM else 1):
                if self.process.poll() is not None:
                    break
                time.sleep(LOOK)
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--used", type=float, default=float("inf"))
    parser.add_argument("--asleep", type=float, default=600)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    process = subprocess.Popen(options.command, start_new_session=True)
    patience = Patience(process, options.used, options.asleep)
    try:
        while process.poll() is None:
            if patience.lost():
                print(f"{options.command[0]} hangs", file=sys.stderr)
                return 124
        return process.returncode if process.returncode >= 0 else 128 - process.returncode
    finally:
        if process.poll() is None:
            patience.end()


if __name__ == "__main__":
    sys.exit(main())
