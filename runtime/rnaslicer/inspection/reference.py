# runtime/rnaslicer/inspection/reference.py: what this machine can do at best: memcpy, cycles a second.
"""Measured when first asked for, once for each size class; the numbers a kernel's are put beside."""

import functools
import time

from .. import _core

_LARGEST = 64 << 20  # bytes; beyond, memcpy goes past the caches and stays as fast
_SMALLEST = 16
_LONGEST, _FEWEST = 0.02, 3  # seconds for one size, and rounds
_TRIES = 4

_best: dict[int, tuple[float, int]] = {}  # size -> (bytes a second, how often it was measured)


def memcpy_rate(nbytes, beaten_by=0.0):
    """Bytes a second of one thread's memcpy of about as many bytes, read and written memory warm. beaten_by: what a
    kernel reached; where that is more, the machine may have been busy before, so it is measured again, some times."""
    size, half = _SMALLEST, _SMALLEST // 2  # two sizes for each power of two: caches end where they end
    while size < min(nbytes, _LARGEST):
        size, half = (size + half, half) if size == 2 * half else (4 * half, 2 * half)
    best, tries = _best.get(size, (0.0, 0))
    while tries == 0 or best < beaten_by and tries < _TRIES:
        best, tries = max(best, _measured(size)), tries + 1
        _best[size] = best, tries
    return best


def _measured(size):
    source, target = memoryview(bytearray(size)), memoryview(bytearray(size))
    source[:] = (bytes(range(256)) * (size // 256 + 1))[:size]  # else both are the system's one page of zeros
    target[:] = source
    repeats = max(1, (64 << 10) // size)
    best, start, rounds = float("inf"), time.perf_counter(), 0
    while True:
        rounds += 1
        best = min(best, _core.copy_seconds(target, source, repeats))
        if time.perf_counter() - start > _LONGEST and rounds >= _FEWEST:
            return size / best


@functools.lru_cache(maxsize=None)
def cycles_a_second():
    """This CPU's clock as the system names it; None where it does not say."""
    try:
        with open("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", encoding="ascii") as file:
            return 1e3 * float(file.read())
    except (OSError, ValueError):
        pass
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            rates = [float(line.split(":")[1]) for line in file if line.startswith("cpu MHz")]
        return 1e6 * max(rates)
    except (OSError, ValueError, IndexError):
        return None
