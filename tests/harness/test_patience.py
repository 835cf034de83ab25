# tests/harness/test_patience.py: what hangs is ended, what is only slow is not
import pathlib
import subprocess
import sys
import time
import unittest

PATIENCE = pathlib.Path(__file__).resolve().parents[1] / "patience.py"
sys.path.insert(0, str(PATIENCE.parent))
from patience import Patience  # noqa: E402


def end(script, *options):
    """Exit code of patience.py around a Python that runs the script."""
    return subprocess.run([sys.executable, str(PATIENCE), *options, sys.executable, "-c", script],
                          stderr=subprocess.DEVNULL).returncode


class PatienceTest(unittest.TestCase):
    def test_exit_codes_pass(self):
        self.assertEqual([end("pass"), end("raise SystemExit(7)")], [0, 7])
        self.assertEqual(end("import os; os.kill(os.getpid(), 9)"), 137)

    def test_what_uses_too_much_or_sleeps_is_ended(self):
        endless = "\nwhile True: pass"
        for script in (endless, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {endless!r}])"):
            self.assertEqual(end(script, "--used", "0.5"), 124)
        self.assertEqual(end("import time; time.sleep(10000)", "--asleep", "0.6"), 124)

    def test_work_is_not_sleep(self):
        """Neither its own, nor that of what it waits for."""
        work = "import time\nwhile time.process_time() < 2: pass"
        for script in (work, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"):
            self.assertEqual(end(script, "--asleep", "1"), 0)

    def test_progress(self):
        process = subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
        patience = Patience(process, 0.5, 600)
        start = time.thread_time()
        for _ in range(8):
            self.assertFalse(patience.lost())
            patience.progress()
        while not patience.lost():
            self.assertLess(time.thread_time() - start, 60)
        patience.end()
        self.assertLess(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
