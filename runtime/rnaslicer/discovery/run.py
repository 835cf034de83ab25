# runtime/rnaslicer/discovery/run.py: the discovery run seen from the user's session.
"""Starts Blender's own executable in the background, with nothing of the user's in it, and gathers what
it writes. A crash costs the property that was probed then; the rest goes on in another child."""

import atexit
import json
import os
import time

from . import store
from .effort import effort
from .store import LIMIT

SPARE = 3.0  # of them for the last child's end
ASLEEP = 30.0  # seconds in which a child sleeps at every look and uses no processor: it hangs
LOOK = 0.5  # the most that one look adds to them: we ourselves may come late
CRASHES = 8
CHILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "child", "start.py")  # what Blender runs
# What a child may know of our environment; everything else could change what it does.
KEPT = ("HOME", "PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME")


class Run:
    """A running discovery. `poll()` moves it on; `stop()` ends it."""

    def __init__(self, executable, limit=LIMIT):
        import tempfile  # slow to import, as what else starts and ends a run, and few sessions need one

        self.executable, self.started, self.limit = executable, time.monotonic(), limit
        self.before, self.used = 0.0, 0.0  # seconds of the processor: of the children before, of this one
        self.folder = tempfile.mkdtemp(prefix="rnaslicer-discovery-")
        self.output = os.path.join(self.folder, "findings")
        self.lines, self.done, self.skip, self.troubles = [], [], [], []
        self.left, self.ended, self.error = [], False, ""
        self._read, self._trying, self._group, self._child = 0, None, None, None
        self.build = ""  # the identity that the child sees itself to have
        try:
            self._start()
        except OSError:
            self._remove()
            raise

    def _remove(self):
        import shutil

        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self):
        import subprocess

        self.before, self.used = self.before + self.used, 0.0
        self._asleep, self._looked = 0.0, time.monotonic()
        request = {"seconds": max(0.0, self.limit - SPARE - self.before), "done": self.done, "skip": self.skip}
        package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        command = [self.executable, "-b", "--factory-startup", "--python-exit-code", "1", "--python", CHILD, "--",
                   package, self.output, json.dumps(request)]
        self._trying = self._group = None
        self._close()
        with open(os.path.join(self.folder, "log"), "ab") as log:
            # The pipe tells the child when we are gone, however that came about.
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log,
                                           env=self._environment(), start_new_session=True, cwd=self.folder)

    def _environment(self):
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        for name in ("RESOURCES", "CONFIG", "SCRIPTS", "DATAFILES", "EXTENSIONS"):
            environment[f"BLENDER_USER_{name}"] = os.path.join(self.folder, "user")
        environment.update(TMPDIR=self.folder, XDG_CACHE_HOME=self.folder, PYTHONDONTWRITEBYTECODE="1")
        return environment

    # ---- progress

    def poll(self):
        """True while there is something to wait for."""
        if self.ended:
            return False
        code = self._child.poll()
        self._gather()
        if code is None:
            self.error = self._too_much()
            if not self.error:
                return True
            self._kill()
            self._gather()
        elif self._finished:
            pass
        elif self._trying or self._group:
            # It crashed: without what it did then.
            self.skip.append(self._trying or f"group:{self._group}")
            if len(self.skip) <= CRASHES and self.before + self.used < self.limit - SPARE:
                self._start()
                return True
            self.error = f"Blender crashed {len(self.skip)} times"
        else:
            self.error = f"Blender ended with {code} before it began:\n{self._tail()}"
        self._end()
        return False

    def _too_much(self):
        """Why the child that runs has to end, or ''. Other work on the machine counts for nothing."""
        now, seen = time.monotonic(), effort(self._child.pid)
        passed, self._looked = min(now - self._looked, LOOK), now
        if seen is None:
            return ""
        used, asleep = seen
        self._asleep = self._asleep + passed if asleep and used == self.used else 0.0
        self.used = used
        if self.before + self.used > self.limit:
            return f"it took more than {self.limit:g} s of the processor"
        if self._asleep > ASLEEP:
            return f"Blender hangs: it slept for {self._asleep:.0f} s"
        return ""

    @property
    def progress(self):
        """From 0 to 1, as far as can be told."""
        return min(1.0, len(self.done) / 20) if not self.ended else 1.0

    _finished = False

    def _gather(self):
        """Reads the lines that were completed since the last time."""
        try:
            with open(self.output, "rb") as file:
                file.seek(self._read)
                data = file.read()
        except FileNotFoundError:
            return
        end = data.rfind(b"\n") + 1
        self._read += end
        for text in data[:end].splitlines():
            try:
                self._line(json.loads(text))
            except (ValueError, TypeError, KeyError, AttributeError, IndexError):
                continue  # what is malformed was not found

    def _line(self, line):
        if "found" in line:
            store.finding(line["found"])  # ValueError if it is malformed
            self.lines.append({"found": line["found"]})
        elif any(kind in line for kind in ("list", "table", "nothing", "denied", "same")):
            store.known_from([line])
            if "table" in line and any(line["table"] == known.get("table") and line != known for known in self.lines):
                raise ValueError("two tables of one name")
            self.lines.append(line)
        elif "trying" in line:
            self._trying = line["trying"]
        elif "group" in line:
            self._group, self._trying = line["group"], None
        elif "done" in line:
            self.done.append(line["done"])
            self._group = self._trying = None
        elif "trouble" in line:
            self.troubles.append(line["trouble"])
        elif "build" in line:
            self.build = line["build"]
        elif "end" in line:
            self.left, self._finished = line["left"], True

    def _tail(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as log:
            return "\n".join(log.read().splitlines()[-8:])

    # ---- the end

    def stop(self, why="cancelled"):
        """Ends the child; what was found stays in `lines`."""
        if not self.ended:
            self._kill()
            self._gather()
            self.error = why
            self._end()

    def _kill(self):
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()

    def _close(self):
        if self._child:
            self._child.stdin.close()

    def _end(self):
        self.ended, self.seconds = True, time.monotonic() - self.started
        self._close()
        self._remove()

    @property
    def complete(self):
        """True if every group was probed to its end."""
        return self.ended and not self.error and not self.left and not self.skip

    def known(self):
        """`Known` of what was found."""
        return store.known_from(self.lines, self.complete, self.skip + self.left)


def at_end(running):
    """Where Blender ends, the run that `running()` gives then ends, too."""
    def stop():
        current = running()
        if current is not None:
            current.stop("Blender ended")
    atexit.register(stop)
