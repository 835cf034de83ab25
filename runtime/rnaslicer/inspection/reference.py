# runtime/rnaslicer/inspection/reference.py: what this machine can do at best: memcpy, cycles a second.
"""Measured when first asked for, once for each size class; the numbers a kernel's are put beside."""

import functools
import time

_LARGEST = 64 << 20  # bytes; beyond, memcpy goes past the caches and stays as fast
_SMALLEST = 256
_LONGEST, _FEWEST = 0.02, 3  # seconds for one size, and rounds


def memcpy_rate(nbytes):
    """Bytes a second of one thread's memcpy of about as many bytes, read and written memory warm."""
    size = _SMALLEST
    while size < min(nbytes, _LARGEST):
        size *= 2
    return _measured(size)


@functools.lru_cache(maxsize=None)
def _measured(size):
    source, target = memoryview(bytearray(size)), memoryview(bytearray(size))
    source[:] = bytes(range(256)) * (size // 256)  # else both are the system's one page of zeros
    target[:] = source
    repeat = range(max(1, (64 << 10) // size))
    best, start, rounds = float("inf"), time.perf_counter(), 0
    while True:
        rounds += 1
        before = time.perf_counter()
        for _ in repeat:
            target[:] = source
        now = time.perf_counter()
        best = min(best, (now - before) / len(repeat))
        if now - start > _LONGEST and rounds >= _FEWEST:
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
