# bench/measure.py: times of several ways to do one thing, taken in turns, so that ratios hold on a busy machine
"""Used inside Blender by demo.py and in_blender.py."""
import cProfile
import ctypes
import os
import platform
import random
import re
import statistics
import time


class Times:
    """Seconds of each run of one way."""

    def __init__(self):
        self.runs = []

    @property
    def best(self):
        return min(self.runs)

    @property
    def median(self):
        return statistics.median(self.runs)

    def scaled(self, factor):
        """What `factor` times the work would take: for ways too slow to run on everything."""
        times = Times()
        times.runs = [run * factor for run in self.runs]
        return times

    def as_json(self):
        return {"min": self.best, "median": self.median, "runs": len(self.runs)}


def alternate(ways, rounds=15, seconds=1.5, few=None, drawn=False):
    """{name: callable} → {name: Times}; one run of each in turn, after one that does not count.

    Ends after `rounds` or, from three rounds on, when `seconds` have passed. `few`: {name: runs} of ways
    that are too slow to run in each round. `drawn`: each round has an order of its own, so that none always finds
    what the one before it left in the processor's caches.
    """
    few, order, rng = few or {}, list(ways.items()), random.Random(1)
    times = {name: Times() for name in ways}
    for name, way in ways.items():
        if name not in few:
            way()
    start = time.perf_counter()
    for done in range(rounds):
        if done >= 3 and time.perf_counter() - start > seconds:
            break
        if drawn:
            rng.shuffle(order)
        for name, way in order:
            if done >= few.get(name, rounds):
                continue
            before = time.perf_counter()
            way()
            times[name].runs.append(time.perf_counter() - before)
    return times


def median_ratio(times, other):
    """Median of the ratios of runs that were neighbours in time."""
    return statistics.median(a / b for a, b in zip(times.runs, other.runs))


class Memcpy:
    """A memcpy of so many bytes between two blocks of its own, both already in memory."""

    def __init__(self, nbytes):
        self.nbytes = nbytes
        self._blocks = [ctypes.create_string_buffer(max(1, nbytes)) for _ in range(2)]
        self._to, self._from = (ctypes.addressof(block) for block in self._blocks)
        for block in self._blocks:
            ctypes.memset(block, 1, nbytes)

    def __call__(self):
        ctypes.memmove(self._to, self._from, self.nbytes)


def counted(function):
    """Python calls of one run, as cProfile counts them."""
    function()
    profile = cProfile.Profile()
    profile.enable()
    function()
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats()) - 1


def bytes_touched(vw, cache):
    """(Bytes of Blender's memory that the reads span + bytes of the cache) / 2; through an index, its bytes, too."""
    plan = vw.kernel.plan
    strides = re.findall(r"^loop strided source (-?\d+)", plan, re.MULTILINE)
    if vw.kernel.route != "direct" or not strides:
        return cache.nbytes
    spanned = abs(int(strides[-1])) * vw.shape[0] + (cache.nbytes if "through" in plan else 0)
    return (spanned + cache.nbytes) // 2


def machine():
    """One line on where the figures come from."""
    model = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{model}, {os.cpu_count()} CPUs"


def load():
    """The load average of the last minute: what else the machine did, as a text."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def duration(seconds):
    """A time in at most seven characters, in the unit that suits it."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1 or unit == "µs":
            value = seconds * factor
            return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} {unit}"
    raise AssertionError


def discover(say):
    """What a window starts by itself: finds storage that nobody declares, once per build of Blender. `say` takes text."""
    from rnaslicer import DiscoveryError, discovery
    if discovery.known() is None:
        say("discovering this Blender's storage in a throw-away run of it (some 15 s, once)")
        try:
            discovery.discover()
        except DiscoveryError as error:
            say(f"without all of it: {error}")
