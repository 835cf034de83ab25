# bench/counted.py: Python calls, as cProfile counts them, of each kind of data: what still falls off the native trail
"""Runs in Blender: `./run blender 5.2 -- -b --python bench/counted.py -- [-k TEXT] [--all]`. For each kind: the calls of
making, entering and leaving (the third time; a list of one element learns for some enters more), of a refresh and of an
update, functions in C included. Counts have no noise. Printed is what is beyond the goals of issue 12; with --all, all."""
import argparse
import cProfile
import gc
import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parent))
import counted_data  # noqa: E402
from measure import discover  # noqa: E402

GOALS = 45, 6, 10
TIMES = 6  # before it is counted: what is asked now and then is asked in these


def counted(function, times=TIMES, names=None):
    """Calls of `function`, run some times before, the least of three: now and then more is asked. names: those of the last
    are put there."""
    from rnaslicer import _core
    for _ in range(times):
        function()
    found = []
    for _ in range(3):
        _core.take_recent()  # what went before goes one by one as new comes
        profile = cProfile.Profile()
        gc.disable()
        try:
            profile.enable()
            function()
            profile.disable()
        finally:
            gc.enable()
        found.append(sum(entry.callcount for entry in profile.getstats()) - 1)
    for entry in profile.getstats() if names is not None else ():
        code = entry.code
        where = code if isinstance(code, str) else f"{'/'.join(Path(code.co_filename).parts[-2:])}:{code.co_firstlineno} {code.co_name}"
        names.append((entry.callcount, where))
    return min(found)


def measured(give, items, options, names=None):
    """((once, refresh, update), route): None of what is refused. names: of the calls of the first, as `counted` has them."""
    from rnaslicer import ReadOnlyError, Slicer

    def once():
        with Slicer(give(), **options)[items]:
            pass

    calls = [counted(once, names=names), None, None]
    with Slicer(give(), **options)[items] as vw:
        calls[1] = counted(vw.refresh)
        route = vw.kernel.route
        try:
            calls[2] = counted(vw.update)
        except ReadOnlyError:
            pass
    return calls, route


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", dest="text", default="", help="only kinds whose name contains this")
    parser.add_argument("--all", action="store_true", help="those within the goals, too")
    parser.add_argument("--calls", action="store_true", help="also which calls making, entering and leaving takes")
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else [])
    discover(lambda text: print(f"  {text}", flush=True))
    print(f"\n  Blender {bpy.app.version_string}: once / refresh / update, goals {GOALS}")
    beyond = count = 0
    for name, row in counted_data.rows():
        if options.text not in name:
            continue
        count += 1
        try:
            names = [] if options.calls else None
            calls, route = measured(*row, names)
        except Exception as error:
            print(f"  {name:<44} {type(error).__name__}: {str(error).splitlines()[0][:140]}", flush=True)
            continue
        missed = [many is not None and many > goal for many, goal in zip(calls, GOALS)]
        beyond += any(missed)
        if any(missed) or options.all:
            said = "".join(f"{'–' if many is None else many:>8}{'!' if bad else ' '}" for many, bad in zip(calls, missed))
            print(f"  {name:<44}{said}  {route}", flush=True)
            for count_of, where in sorted(names or (), reverse=True):
                print(f"      {count_of:>6} {where}")
    print(f"  {beyond} of {count} kinds beyond the goals")


main()
