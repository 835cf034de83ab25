# tests/inspection/test_debuggers.py: gdb and perf know kernels, those from disk too, by symbol and by plan line.
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from made import POSITIONS, signature

SCRIPT = f"""
import array, sys
import rnaslicer, rnaslicer._core as core
rnaslicer.configure(cache_directory=sys.argv[1], threads=1)
kernel = core.Kernel(core.Plan({POSITIONS!r}))
early = core.Kernel(core.Plan({POSITIONS.replace("source 16", "source 20")!r}))
early.prepare("refresh")
if len(sys.argv) > 3:
    rnaslicer.configure(perf=sys.argv[3])  # kernels that exist already are written, too
count = 20_000
source, cache = array.array("f", [0.5]) * (5 * count), array.array("f", [0]) * (3 * count)
print("ORIGIN", kernel.prepare("refresh"), flush=True)
for _ in range(int(sys.argv[2])):
    kernel.refresh(cache, source, (count,))
print("FILE", rnaslicer.cache_info()["perf_file"], rnaslicer.cache_info()["perf_trouble"])
"""
SYMBOL = f"rnaslicer_{signature(POSITIONS)}_refresh"
EARLY = f"rnaslicer_{signature(POSITIONS.replace('source 16', 'source 20'))}_refresh"
ORIGINS = ("compiled", "disk")


class Debuggers(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.script = self.folder / "script.py"
        self.script.write_text(SCRIPT)
        self.cache = str(self.folder / "kernels")
        os.mkdir(self.cache, 0o700)

    def run_it(self, *command, **environment):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder,
                              env=dict(os.environ, **environment), errors="replace")
        return done.returncode, done.stdout


@unittest.skipIf(shutil.which("gdb") is None, "gdb is not installed (apt: gdb)")
class Gdb(Debuggers):
    def test_breakpoints_stack_and_source(self):
        plan = f"{signature(POSITIONS)}.plan"
        commands = ("set pagination off", "set confirm off", "set breakpoint pending on", f"break {SYMBOL}", "run", "bt",
                    "list", "disassemble /s", "delete", f"break {plan}:4", "continue", "bt 1")
        options = [part for command in commands for part in ("-ex", command)]
        for origin in ORIGINS:
            _, text = self.run_it("gdb", "-q", "-nx", "-batch", *options, "--args", sys.executable, str(self.script),
                                  self.cache, "3")
            if "ptrace: Operation not permitted" in text:
                self.skipTest("this system forbids ptrace")
            self.assertIn(f"ORIGIN {origin}", text)
            self.assertRegex(text, rf"#0 .*{SYMBOL} \(\) at .*{plan}:\d")
            self.assertRegex(text, r"#1 .*(_core|\?\?)")
            self.assertRegex(text, r"#\d+ .*(Py|python|main)", "the stack goes on through the kernel")
            self.assertRegex(text, r"(?m)^\d+\tloop strided source 16 cache 12$")
            self.assertRegex(text, r"(?m)^6\tlanes 3\n +0x[0-9a-f]+ <\+\d+>:\t\w+")
            self.assertRegex(text, rf"{SYMBOL} \(\) at .*{plan}:4\n4\tformat f32")

    def test_code_that_is_gone_is_forgotten(self):
        """Its memory is used again: what lies there now must not bear its name."""
        self.script.write_text(SCRIPT.replace("kernel = core", f"""
for stride in range(24, 64, 4):
    gone = core.Kernel(core.Plan({POSITIONS!r}.replace("source 16", f"source {{stride}}")))
    gone.prepare("refresh")
    name = gone.signature
    del gone
    rnaslicer.clear_cache()
print("GONE", f"rnaslicer_{{name}}_refresh", flush=True)
kernel = core""", 1))
        gone = f"rnaslicer_{signature(POSITIONS.replace('source 16', 'source 60'))}_refresh"
        commands = ("set pagination off", "set confirm off", "set breakpoint pending on", f"break {SYMBOL}", "run", "bt 1",
                    f"info address {gone}")
        options = [part for command in commands for part in ("-ex", command)]
        _, text = self.run_it("gdb", "-q", "-nx", "-batch", *options, "--args", sys.executable, str(self.script),
                              self.cache, "3")
        if "ptrace: Operation not permitted" in text:
            self.skipTest("this system forbids ptrace")
        self.assertIn(f"GONE {gone}", text)
        self.assertRegex(text, rf"#0 .*{SYMBOL} \(\) at ", "not the name of what lay there before")
        self.assertIn(f'No symbol "{gone}" in current context', text)


class Perf(Debuggers):
    def record(self, mode, *more):
        if shutil.which("perf") is None:
            self.skipTest("perf is not installed (apt: linux-perf)")
        status, text = self.run_it("perf", "record", "-k", "1", "-o", "perf.data", sys.executable, str(self.script),
                                   self.cache, "3000", mode, *more)
        if status or "ORIGIN" not in text:
            self.skipTest(f"this system forbids perf: {text.strip().splitlines()[-1:]}")
        return text

    def test_jitdump_gives_percent_per_plan_line(self):
        for origin in ORIGINS:
            text = self.record("jitdump")
            self.assertIn(f"ORIGIN {origin}", text)
            self.assertIn(f"FILE {self.cache}/perf/jit-", text)
            status, text = self.run_it("perf", "inject", "--jit", "-i", "perf.data", "-o", "perf.jit")
            self.assertEqual(status, 0, text)
            _, text = self.run_it("perf", "report", "-i", "perf.jit", "--stdio", "--sort", "symbol")
            self.assertIn(SYMBOL, text)
            _, text = self.run_it("perf", "annotate", "-i", "perf.jit", "--stdio", "-l", "-s", SYMBOL)
            share = sum(float(n) for n in re.findall(rf"(?m)^ +([\d.]+) +(?:\S*/)?{signature(POSITIONS)}\.plan:\d+",
                                                     text.split("Disassembly")[0]))
            self.assertGreater(share, 50, text[:3000])
            self.assertIn("lanes 3", text)

    def test_map_gives_names(self):
        text = self.record("map")
        path = pathlib.Path(re.search(r"FILE (\S+)", text)[1])
        self.addCleanup(path.unlink)
        self.assertRegex(path.read_text(), rf"(?m)^[0-9a-f]+ [0-9a-f]+ {SYMBOL}$")
        _, text = self.run_it("perf", "report", "-i", "perf.data", "--stdio", "--sort", "symbol")
        self.assertIn(SYMBOL, text)


class WithoutPerf(Debuggers):
    """What is written, whether or not there is a perf to read it."""

    def test_kernels_that_exist_already_are_written(self):
        status, text = self.run_it(sys.executable, str(self.script), self.cache, "1", "jitdump")
        self.assertEqual(status, 0, text)
        (path,) = pathlib.Path(self.cache, "perf").glob("jit-*.dump")
        self.assertIn(EARLY.encode(), path.read_bytes())
        self.assertIn(SYMBOL.encode(), path.read_bytes())

    def test_the_environment_switches_it_on(self):
        for value, expected in (("jitdump", 1), ("", 0), ("nonsense", 0)):
            status, text = self.run_it(sys.executable, str(self.script), self.cache, "1", RNASLICER_PERF=value,
                                       JITDUMPDIR=str(self.folder / f"dump{value}"))
            self.assertEqual(status, 0, text)
            self.assertEqual(len(list(self.folder.glob(f"dump{value}/jit-*.dump"))), expected, value)

    def test_a_folder_that_cannot_be_written_is_said(self):
        status, text = self.run_it(sys.executable, str(self.script), self.cache, "1", "jitdump",
                                   JITDUMPDIR=str(self.script / "no folder"))
        self.assertEqual(status, 0, text)
        self.assertRegex(text, "FILE .* cannot open .*: Not a directory")

    def test_other_names_are_refused(self):
        import rnaslicer
        with self.assertRaisesRegex(ValueError, "'map' or 'jitdump'"):
            rnaslicer.configure(perf="vtune")


if __name__ == "__main__":
    unittest.main()
