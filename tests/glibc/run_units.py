# tests/glibc/run_units.py: runs the unit tests on an older system; python3 there is any from 3.7 on.
"""Usage: run_units.py --build DIR --scratch DIR --counts FILE --jobs N --newer "glibc 2.36" """

import argparse
import concurrent.futures
import json
import os
import pathlib
import resource
import subprocess
import sys
import xml.etree.ElementTree as tree

# module_tests and memcache_tests embed a Python, which such a system does not have.
UNITS = ("jit/plan_tests", "jit/emit_tests", "jit/kernel_tests", "jit/thread_tests", "runtime/runtime_tests",
         "glibc/glibc_tests")
LIMIT = 900  # seconds of the processor, which other work on the machine does not use up


def run_unit(job):
    """(passed, failed, skipped) of one part of one program's tests; one that dies is one failed test."""
    program, part, parts, report, environment = job
    environment = dict(environment, GTEST_TOTAL_SHARDS=str(parts), GTEST_SHARD_INDEX=str(part))
    done = subprocess.run([str(program), "--gtest_output=xml:" + str(report), "--gtest_brief=1"], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT)))
    try:
        cases = tree.parse(str(report)).getroot().findall(".//testcase")
    except (OSError, tree.ParseError):
        print("{} ended with {}:\n{}".format(program.name, done.returncode, done.stdout[-4000:]))
        return 0, 1, 0
    failed = sum(case.find("failure") is not None for case in cases)
    skipped = sum(case.get("result") in ("skipped", "suppressed") for case in cases)
    if failed or done.returncode:
        print(done.stdout[-20000:])
        failed = max(failed, 1)
    return len(cases) - failed - skipped, failed, skipped


def import_refuses(build):
    """This system's own Python is too old for the package, and `import rnaslicer` says so."""
    if sys.version_info >= (3, 11):
        return 0, 0, 1
    environment = dict(os.environ, PYTHONPATH=str(build / "package"))
    done = subprocess.run([sys.executable, "-c", "import rnaslicer"], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    last = (done.stdout.splitlines() or [""])[-1]
    expected = "Python 3.11 or later: this is Python {}.{}".format(*sys.version_info)
    if done.returncode == 1 and last.startswith("ImportError: rnaslicer needs ") and last.endswith(expected):
        return 1, 0, 0
    print("import rnaslicer:\n" + done.stdout)
    return 0, 1, 0


def version(text):
    return tuple(map(int, text.split()[1].split(".")))


def main():
    parser = argparse.ArgumentParser()
    for option in ("--build", "--scratch", "--counts"):
        parser.add_argument(option, type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--newer", required=True, help="glibc of the system that built: proves nothing unless newer")
    options = parser.parse_args()
    here = os.confstr("CS_GNU_LIBC_VERSION")
    print("    {} here, {} where it was built".format(here, options.newer))
    if version(here) >= version(options.newer):
        sys.exit("this system is not older than the one that built")
    environment = dict(os.environ, RNASLICER_PLANS="100")  # it is glibc that differs here, not the plans
    jobs = [(options.build / "tests" / unit, part, options.jobs,
             options.scratch / "{}-{}.xml".format(unit.replace("/", "-"), part), environment)
            for unit in UNITS for part in range(options.jobs)]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(run_unit, jobs)) + [import_refuses(options.build)]
    counts = dict(zip(("passed", "failed", "skipped"), map(sum, zip(*results))))
    options.counts.write_text(json.dumps(counts))


if __name__ == "__main__":
    main()
