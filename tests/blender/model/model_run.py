# tests/blender/model/model_run.py: scripts of the model campaign inside one Blender; started by model_fuzz.py
"""Blender's arguments after `--`: a JSON file {"log": path, "length": n, "seeds": [first, count]} or {…, "script": [step, …]}.
The log gets a JSON line for each beginning and end, so that a crash can be blamed on a seed and a step."""
import faulthandler
import json
import os
import pathlib
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), *map(str, HERE.parents[:2])]
faulthandler.enable()

import form_steps  # noqa: E402
import model_script  # noqa: E402
import model_steps  # noqa: E402


def main():
    job = json.loads(pathlib.Path(sys.argv[sys.argv.index("--") + 1]).read_text())
    if "package" in job:
        sys.path.insert(0, job["package"])
    discover()
    with open(job["log"], "a", encoding="utf-8") as log, tempfile.TemporaryDirectory(prefix="rnaslicer-model-") as folder:
        def tell(**what):
            log.write(json.dumps(what) + "\n")
            log.flush()

        first, count = job.get("seeds", (None, 1))
        for i in range(count):
            if not run(job.get("script") or model_script.generate(first + i, job["length"]), folder, tell,
                       None if first is None else first + i, "script" in job):
                sys.exit(1)
        tell(event="done")


def discover():
    """Storage that only a discovery run finds is part of the campaign; what it found is kept in the user's cache."""
    from rnaslicer import DiscoveryError, discovery
    try:
        if discovery.known() is None:
            discovery.discover(limit=120, quiet=True)
    except DiscoveryError as error:  # test_discovery is for that
        print(f"WARNING {error}", flush=True)


def run(script, folder, tell, seed, aloud):
    """True if the script ran as it should."""
    tell(event="start", seed=seed)
    start, number = time.perf_counter(), -1
    try:
        made = form_steps.Expressions if model_script.is_of_forms(script) else model_steps.Campaign
        campaign = made(folder, (lambda text: print("   ", number, text, flush=True)) if aloud else lambda text: None)
        for number, step in enumerate(script):
            tell(event="step", number=number)
            campaign.step(step)
        number = len(script)
        campaign.finish()
        campaign.close()
    except Exception as error:
        traceback.print_exc()
        tell(event="failed", seed=seed, number=number, error=f"{type(error).__name__}: {error}")
        return False
    tell(event="end", seed=seed, seconds=time.perf_counter() - start, tally=campaign.tally)
    return True


try:
    main()
except Exception:
    traceback.print_exc()
    os._exit(3)  # Blender would end as if nothing had happened
