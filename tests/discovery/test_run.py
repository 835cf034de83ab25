# tests/discovery/test_run.py: the run seen from the session, with scripts in place of Blender
"""A child may crash, hang, say nonsense or never start. Without Blender."""
import json
import os
import signal
import sys
import tempfile
import textwrap
import time
import unittest
import unittest.mock
from pathlib import Path
from unittest import mock

from rnaslicer.discovery import run
from rnaslicer.discovery.effort import effort
from rnaslicer.discovery.found import Found

FOUND = json.dumps({"found": ["A", "A", "x", Found("f32", 4)]})
PRELUDE = """#!{python}
import json, os, signal, sys, time
output, request = sys.argv[-2], json.loads(sys.argv[-1])
def say(text):
    with open(output, "a") as file:
        file.write(text + "\\n")
def crash():
    os.kill(os.getpid(), signal.SIGSEGV)
FOUND = {found!r}
END = '{{"end": true, "left": []}}'
"""


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, script, limit=20.0):
        path = self.folder / "blender"
        path.write_text(PRELUDE.format(python=sys.executable, found=FOUND) + textwrap.dedent(script))
        path.chmod(0o700)
        current = run.Run(str(path), limit)
        self.addCleanup(current.stop)
        return current

    def finish(self, *arguments):
        current = self.start(*arguments)
        while current.poll():
            time.sleep(0.01)
        self.assertFalse(os.path.exists(current.folder))
        return current

    def test_to_the_end(self):
        current = self.finish("say(FOUND); say(END)")
        self.assertEqual((current.error, current.complete, len(current.known())), ("", True, 1))

    def test_crashes_cost_what_was_tried(self):
        current = self.finish("""
            say('{"group": "g"}')
            if "A.x" not in request["skip"]:
                say(FOUND); say('{"trying": "A.x"}'); crash()
            say('{"done": "g"}')
            if "group:h" not in request["skip"]:
                say('{"group": "h"}'); crash()
            assert "g" in request["done"] or "group:h" not in request["skip"]
            say(END)""")
        self.assertEqual((current.error, current.skip), ("", ["A.x", "group:h"]))
        self.assertFalse(current.complete)
        self.assertEqual(current.known().skipped, ("A.x", "group:h"))
        self.assertEqual(len(current.known()), 1)  # from before the crash

    def test_gives_up_after_many_crashes(self):
        current = self.finish("""say('{"trying": "A.x%d"}' % len(request["skip"])); crash()""")
        self.assertIn("crashed", current.error)
        self.assertEqual(len(current.skip), run.CRASHES + 1)

    def test_does_not_start(self):
        current = self.finish("print('no display'); sys.exit(3)")
        self.assertIn("ended with 3", current.error)
        self.assertIn("no display", current.error)

    def test_no_blender_there(self):
        for path in ("", str(self.folder / "none"), str(self.folder)):
            before = set(os.listdir(tempfile.gettempdir()))
            with self.assertRaises(OSError):
                run.Run(path)
            left = {name for name in set(os.listdir(tempfile.gettempdir())) - before if "rnaslicer-disc" in name}
            self.assertEqual(left, set())

    def test_says_which_build_it_is(self):
        self.assertEqual(self.finish("""say('{"build": "abc"}'); say(END)""").build, "abc")

    def test_works_too_long(self):
        current = self.finish("""
            say(FOUND)
            while True: pass""", 1.0)
        self.assertIn("more than 1 s of the processor", current.error)
        self.assertEqual(len(current.known()), 1)

    def test_crashes_use_one_limit(self):
        """What children used before counts for those after them."""
        def looked(pid):
            seen = effort(pid)
            if seen is not None and seen[0] >= 0.5:
                (self.folder / str(pid)).touch()
            return seen

        with mock.patch.object(run, "effort", looked):
            current = self.finish(f"""
                say('{{"trying": "A.x%d"}}' % len(request["skip"]))
                while time.process_time() < 0.6: pass
                while not os.path.exists({str(self.folder)!r} + "/" + str(os.getpid())): time.sleep(0.01)
                crash()""", run.SPARE + 1.0)
        self.assertIn("crashed 2 times", current.error)

    def test_hangs(self):
        """Asleep, with all of its threads."""
        for script in ("time.sleep(1000)", "threading.Thread(target=time.sleep, args=(1000,)).start(); sys.stdin.read()"):
            with mock.patch.object(run, "ASLEEP", 0.3):
                current = self.finish("import threading\nsay(FOUND)\n" + script)
            self.assertIn("hangs", current.error)
            self.assertEqual(len(current.known()), 1)

    def test_a_loaded_machine(self):
        """However long the clock says: a child that is to be run, or that we look at seldom, does not hang."""
        hours = iter(range(0, 10**9, 3600))
        with mock.patch.object(run.time, "monotonic", lambda: next(hours)), mock.patch.object(run, "LOOK", 0.001):
            current = self.finish("""
                say(FOUND)
                time.sleep(0.3)
                while time.process_time() < 0.3: pass
                say(END)""", 20.0)
        self.assertEqual((current.error, len(current.known())), ("", 1))

    def test_stopped(self):
        """A child that somebody stopped (SIGSTOP) does not sleep by itself."""
        with mock.patch.object(run, "ASLEEP", 0.1):
            current = self.start("""
                say(FOUND)
                os.kill(os.getpid(), signal.SIGSTOP)
                say(END)""")
            while not current.lines or effort(current._child.pid)[1]:
                self.assertTrue(current.poll())
            for _ in range(50):
                self.assertTrue(current.poll(), current.error)
                time.sleep(0.01)
            os.kill(current._child.pid, signal.SIGCONT)
            while current.poll():
                time.sleep(0.01)
        self.assertEqual(current.error, "")

    def test_effort(self):
        self.assertIsNone(effort(2**30))
        before = effort(os.getpid())
        start = time.process_time()
        while time.process_time() < start + 0.1:
            pass
        after = effort(os.getpid())
        self.assertFalse(after[1])
        self.assertGreater(after[0], before[0] + 0.05)

    def test_nonsense_is_ignored(self):
        current = self.finish("""
            for text in ('x', '[]', '5', '{"found": 1}', '{"found": ["A", "A", "y", []]}', '{"list": ["a"], "seen": 1}',
                         '{"table": "t", "values": [[], [], 0]}', '{"done": {}}', '{}', FOUND.replace("f32", "f128")):
                say(text)
            say(FOUND); say(END)""")
        self.assertEqual((current.error, len(current.known()), len(current.lines)), ("", 1, 1))

    def test_stop(self):
        current = self.start("say(FOUND); say(str(os.getpid())); time.sleep(60)")
        while current.poll() and not current.lines:
            time.sleep(0.01)
        child = current._child.pid
        current.stop()
        self.assertEqual(current.error, "cancelled")
        with self.assertRaises(ProcessLookupError):
            os.kill(child, 0)
        self.assertFalse(current.poll())

    def test_clean_environment(self):
        changed = unittest.mock.patch.dict(os.environ, PYTHONPATH="/nowhere", BLENDER_USER_SCRIPTS="/nowhere")
        changed.start()
        self.addCleanup(changed.stop)
        current = self.finish("""
            assert "PYTHONPATH" not in os.environ and os.environ["BLENDER_USER_SCRIPTS"] != "/nowhere"
            assert os.path.dirname(output) == os.environ["TMPDIR"] == os.getcwd()
            assert os.stat(os.getcwd()).st_mode & 0o777 == 0o700
            say(END)""")
        self.assertEqual(current.error, "")

    def test_the_child_hears_that_we_are_gone(self):
        current = self.start("""
            say(FOUND)
            sys.stdin.read()  # as the child does in a thread
            say('{"trouble": "gone"}')""")
        while not current.lines:
            self.assertTrue(current.poll())
            time.sleep(0.01)
        current._child.stdin.close()
        current._child.wait()
        current._gather()
        self.assertEqual(current.troubles, ["gone"])
