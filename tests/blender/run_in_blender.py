# tests/blender/run_in_blender.py: runs the tests of this folder inside Blender, each on a fresh factory file.
"""Conventions for test_*.py in the folders beside this file, one for each topic (a module's name is its own in all):

- every module-level function `test_*` is a test: plain asserts, `unittest.SkipTest` to skip;
- `function.min_version = (4, 3)` skips it in older Blenders;
- an error while a trail is learnt fails the test, though no script sees it; not with
  `function.learning_may_fail = True`;
- `function.cases = {"name": (arguments, …)}` runs it once per case, as `test_x[name]`;
- rnaslicer's settings are put back after each test; helpers live in support.py.

One test while developing:
    ./run blender 5.2 -- -b --python tests/blender/run_in_blender.py -- -k NAME
With RNASLICER_ORDER=NUMBER the tests run in an order that it draws: none may need what another leaves behind.
campaign.py is the other half: it starts this script, and again after a crash.
"""

import argparse
import faulthandler
import gc
import importlib
import json
import os
import pathlib
import random
import sys
import traceback
import unittest

import bpy

HERE = pathlib.Path(__file__).resolve().parent


class Report:
    """One line per event on stdout, and as JSON in the file that campaign.py reads."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8") if path else None

    def event(self, kind, **fields):
        if self.file:
            self.file.write(json.dumps({"event": kind, **fields}) + "\n")
            self.file.flush()

    def result(self, test, outcome, seconds, message=""):
        print(f"{outcome.upper():<8}{test}  {seconds:.2f} s", flush=True)
        if message:
            print(message, flush=True)
        self.event("end", test=test, outcome=outcome, seconds=seconds, message=message)


def collect(report):
    """Name to (function, arguments), in the order of files and lines. A broken file is a failed test."""
    tests = {}
    for path in sorted(HERE.rglob("test_*.py"), key=lambda path: path.stem):
        try:
            module = importlib.import_module(path.stem)
        except BaseException:
            tests[f"{path.stem}"] = (fail_with(traceback.format_exc()), ())
            continue
        for name, function in vars(module).items():
            if not name.startswith("test_") or not callable(function):
                continue
            cases = getattr(function, "cases", None)
            for case, arguments in (cases or {None: ()}).items():
                tests[f"{path.stem}.{name}" + (f"[{case}]" if cases else "")] = (function, arguments)
    return tests


def fail_with(message):
    def failing():
        raise AssertionError(message)
    return failing


def settings():
    try:
        import rnaslicer
        return dict(rnaslicer.configure())
    except Exception:  # that is for the tests to say
        return {}


def trouble():
    """What learning a trail raised meanwhile: scripts are not told, tests are."""
    learning = sys.modules.get("rnaslicer.entered.learning")
    told = "".join(learning.TROUBLE) if learning else ""
    if told:
        learning.TROUBLE.clear()
    return told


def make_room():
    """Trails of earlier tests go before there are so many that all go in the middle of one."""
    trails = sys.modules.get("rnaslicer.transfer.trails")
    if trails and len(trails._trails) > trails._MOST // 2:
        trails.forget_all()


def used():
    """Seconds of the processor, with those of children that have ended: the same on a loaded machine."""
    return sum(os.times()[:4])


def run(test, function, arguments, report):
    report.event("start", test=test)
    print(f"RUN     {test}", flush=True)
    start = used()
    outcome, message = "passed", ""
    before = settings()
    make_room()
    try:
        minimum = getattr(function, "min_version", (0,))
        if bpy.app.version < tuple(minimum):
            raise unittest.SkipTest(f"needs Blender {'.'.join(map(str, minimum))}")
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        function(*arguments)
        told = trouble()
        assert not told or getattr(function, "learning_may_fail", False), f"learning a trail failed:\n{told}"
    except unittest.SkipTest as skip:
        outcome, message = "skipped", str(skip)
    except BaseException as error:  # also SystemExit: the other tests go on
        outcome, message = "failed", traceback.format_exc()
        traceback.clear_frames(error.__traceback__)  # they would keep wrappers and views alive
    if before:
        import rnaslicer
        if settings() != before:
            rnaslicer.configure(**before)
        rnaslicer.events.resume()  # factory settings switch the add-on off
    trouble()  # of a test that failed
    gc.collect()
    report.result(test, outcome, used() - start, message)
    return outcome


def main():
    arguments = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else []
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", dest="text", default="", help="only tests whose name contains one of these (a,b,c)")
    parser.add_argument("--results", help="append events as JSON lines to this file")
    parser.add_argument("--finished", help="a file with the names of tests not to run again")
    parser.add_argument("--discovery", help="folder that keeps what discovery found",
                        default=pathlib.Path.home() / ".cache" / "rnaslicer" / "discovery-of-tests")
    options = parser.parse_args(arguments)
    sys.path[:0] = [str(HERE), *sorted({str(path.parent) for path in HERE.glob("*/*.py")})]  # rooms by topic
    from known_discovery import prepare_discovery
    prepare_discovery(options.discovery)

    report = Report(options.results)
    finished = set()
    if options.finished:
        finished = set(pathlib.Path(options.finished).read_text(encoding="utf-8").split("\n"))
    outcomes, tests = [], collect(report)
    if "RNASLICER_ORDER" in os.environ:
        tests = dict(random.Random(os.environ["RNASLICER_ORDER"]).sample(list(tests.items()), len(tests)))
    gc.collect()
    gc.freeze()  # Blender's and our modules live as long as we do: after each test only what it made is looked at
    for test, (function, values) in tests.items():
        if any(text in test for text in options.text.split(",")) and test not in finished:
            outcomes.append(run(test, function, values, report))
    report.event("done")
    counts = [outcomes.count(outcome) for outcome in ("passed", "failed", "skipped")]
    print("{} passed, {} failed, {} skipped".format(*counts), flush=True)
    if counts[1]:
        sys.exit(1)


faulthandler.enable()
main()
