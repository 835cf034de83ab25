# tests/blender/campaign.py: the in-Blender tests from outside: a crash or hang is one failure, the rest goes on.
"""Usage: campaign.py --title TEXT --counts FILE [--discovery FOLDER] [-k TEXT] -- COMMAND...

COMMAND starts Blender and takes more arguments for it; --counts gets {"passed": …, "failed": …, "skipped": …}.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from patience import Patience  # noqa: E402

RUNNER = pathlib.Path(__file__).with_name("run_in_blender.py").resolve()
USED, ASLEEP = 1800, 600  # seconds of the processor, or of sleep, without a result: a test that hangs
CRASHES = 20  # then something is wrong with this Blender, not with a test


def read_events(path):
    # A crash can cut the last line short.
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]


def run_once(command, results, log):
    """Exit code of one Blender, or None if it had to be stopped."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                               start_new_session=True)
    size, patience = 0, Patience(process, USED, ASLEEP)
    try:
        while process.poll() is None:
            if patience.lost():
                return None
            if results.stat().st_size != size:
                size = results.stat().st_size
                patience.progress()
    finally:
        if process.poll() is None:
            patience.end()
    return process.returncode


def tail(path, lines=40):
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").split("\n")[-lines:])


def campaign(command, text, folder, kept):
    """All tests, in as many Blenders as it takes: name to (outcome, message, seconds)."""
    results, finished, log_path = folder / "events", folder / "finished", folder / "log"
    results.touch()
    outcomes = {}
    for attempt in range(CRASHES):
        finished.write_text("\n".join(outcomes), encoding="utf-8")
        with open(log_path, "w", encoding="utf-8") as log:
            code = run_once([*command, "--python", str(RUNNER), "--", "--results", str(results),
                             "--finished", str(finished), "--discovery", str(kept), "-k", text],
                            results, log)
        events, running, done = read_events(results), None, False
        results.write_text("")
        for event in events:
            if event["event"] == "start":
                running = event["test"]
            elif event["event"] == "end":
                running = None
                outcomes[event["test"]] = (event["outcome"], event["message"], event["seconds"])
            else:
                done = True
        if done and code not in (0, 1):
            outcomes["Blender's exit"] = ("failed", f"after the last test, exit code {code}\n{tail(log_path)}", 0)
        if done:
            return outcomes
        what = "hangs" if code is None else f"ended Blender (exit code {code})"
        outcomes[running or f"start {attempt}"] = ("failed", f"{what}\n{tail(log_path)}", 0)
        if running is None:
            return outcomes
    outcomes["campaign"] = ("failed", f"stopped after {CRASHES} crashes", 0)
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--title", required=True)
    parser.add_argument("--counts", type=pathlib.Path, required=True)
    parser.add_argument("-k", dest="text", default="")
    parser.add_argument("--discovery", type=pathlib.Path, help="folder that keeps what discovery found",
                        default=pathlib.Path.home() / ".cache" / "rnaslicer" / "discovery-of-tests")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rnaslicer-", dir=options.counts.parent) as folder:
        outcomes = campaign(options.command, options.text, pathlib.Path(folder), options.discovery)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for test, (outcome, message, _) in outcomes.items():
        counts[outcome] += 1
        if outcome == "failed":
            print(f"FAILED {options.title} {test}\n{message}", flush=True)
        elif outcome == "skipped":
            print(f"skipped {options.title} {test}: {message}", flush=True)
    # What a run's time goes to: only whoever knows that can keep it short.
    slowest = sorted(outcomes.items(), key=lambda item: -item[1][2])[:8]
    print("slowest:", ", ".join(f"{test} {seconds:.0f} s" for test, (_, _, seconds) in slowest), flush=True)
    options.counts.write_text(json.dumps(counts))


if __name__ == "__main__":
    sys.exit(main())
