# tests/blender/model/model_fuzz.py: the long model campaign from outside Blender: counts steps, shrinks what fails
"""Usage: model_fuzz.py [--steps N] [--length N] [--seed N] [--only] [--package FOLDER] -- COMMAND...

COMMAND starts Blender in the background and takes more arguments for it. Each seed is a script of --length steps on
a file of its own; one Blender runs many. A wrong value, a wrong error, a crash and a hang are failures: the script is
cut down, each try in a fresh Blender, and printed. --only: just this seed. Exit code 1 after a failure.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import model_script  # noqa: E402
from patience import Patience  # noqa: E402

RUNNER = pathlib.Path(__file__).with_name("model_run.py").resolve()
USED, ASLEEP = 300, 120  # seconds of the processor, or of sleep, that a step may take
PER_BLENDER = 50  # scripts


class Blenders:
    """Starts Blenders that run scripts."""

    def __init__(self, command, folder, package):
        self.command, self.folder, self.package, self.started = command, pathlib.Path(folder), package, 0
        self.tally = collections.Counter()

    def run(self, **job):
        """(what went wrong in short or None, seed, number of the step, output)."""
        self.started += 1
        log, path, out = (self.folder / f"{name}-{self.started}" for name in ("log", "job", "out"))
        log.touch()
        if self.package:
            job["package"] = self.package
        path.write_text(json.dumps(job | {"log": str(log)}))
        with open(out, "w", encoding="utf-8") as output:
            process = subprocess.Popen([*self.command, "--python", str(RUNNER), "--", str(path)], stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=output, start_new_session=True)
            code = wait(process, log)
        lines = log.read_text().split("\n")[:-1]
        events = [json.loads(line) for line in lines]
        for event in events:
            self.tally.update(event.get("tally", {}))
        seed = next((event["seed"] for event in reversed(events) if event["event"] == "start"), None)
        last = events[-1] if events else {"event": "nothing"}
        text = out.read_text(errors="replace")
        for used in (log, path, out):
            used.unlink()
        if last["event"] == "failed":
            return last["error"], seed, last["number"], text
        if last["event"] == "done" and code == 0:
            return None, seed, None, text
        step = next((event["number"] for event in reversed(events) if event["event"] == "step"), 0)
        return ("hangs" if code is None else f"Blender ends with {code}"), seed, step, text


def wait(process, log):
    """Exit code, or None where it had to be stopped."""
    size, patience = 0, Patience(process, USED, ASLEEP)
    try:
        while process.poll() is None:
            if patience.lost():
                return None
            if log.stat().st_size != size:
                size = log.stat().st_size
                patience.progress()
        return process.returncode
    finally:
        if process.poll() is None:
            patience.end()


def alike(error):
    """What two failures of one cause have in common: numbers and names differ."""
    return re.sub(r"[\d.,'\[\]()-]+", "", error.split(" ends in ")[-1].split("due:")[0])[-60:] if error else None


def shrink(blenders, seed, length, number, error):
    """Prints a short script that still fails like that."""
    script = model_script.generate(seed, length)[:number + 1]
    kind = alike(error)

    def fails(shorter):
        found = blenders.run(script=shorter)[0]
        return found is not None and alike(found) == kind
    if not fails(script):
        print(f"seed {seed} fails only after the seeds before it in the same Blender: {error}")
        return
    script = model_script.shrink(script, fails)
    text = blenders.run(script=script)[3]
    print(f"{error}\n{len(script)} steps, of seed {seed}:\n{json.dumps(script)}\nwhat they do:\n{text[-6000:]}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--length", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument("--only", action="store_true")
    parser.add_argument("--package", default="", help="the folder of the package, where no add-on brings it")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    seed, end = options.seed, options.seed + (1 if options.only else -(-options.steps // options.length))
    print(f"model seeds {seed} to {end - 1}, {options.length} steps each", flush=True)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="rnaslicer-model-") as folder:
        blenders = Blenders(options.command, folder, options.package)
        while seed < end and failures < 5:
            count = min(PER_BLENDER, end - seed)
            error, failed, number, text = blenders.run(seeds=[seed, count], length=options.length)
            if error is None:
                seed += count
                continue
            if failed is None:
                print(f"Blender does not even start: {text[-2000:]}")
                return 1
            failures += 1
            print(f"FAILED model seed {failed}, step {number}: {error}", flush=True)
            shrink(blenders, failed, options.length, min(number, options.length - 1), error)
            seed = failed + 1
    print(f"what they did: {', '.join(f'{name} {count}' for name, count in sorted(blenders.tally.items()))}")
    print(f"{(seed - options.seed) * options.length} steps, {failures} failures", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
