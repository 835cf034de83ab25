# tests/typed/typed_example.py: what a type checker must accept of MemCache. Checked, not run.
import array
import io
from collections.abc import Sequence

from rnaslicer import MemCache


def sub_views(cache: MemCache) -> Sequence[float]:
    part: MemCache = cache[10:20, ::-1]
    row: MemCache = cache[0, ...]
    item: float = cache[1, 2]
    cache[1, 2] = item
    cache[...] = 0.0
    cache[1] = [1.0, 2.0, 3.0]
    cache[:, 0] = array.array("f", [1.0])
    with part as entered:
        return [*entered, *row]


def attributes(cache: MemCache) -> tuple[int, ...]:
    text: str = cache.hex(":") + cache.format
    data: bytes = cache.tobytes("F")
    flat: MemCache = cache.cast("B").cast("f", (2, 3))
    locked: bool = flat.toreadonly().readonly
    if locked and text and data and cache == flat:
        return cache.shape + cache.strides + cache.suboffsets
    return (cache.nbytes, len(cache), cache.ndim, cache.itemsize)


def as_sequence(values: Sequence[float]) -> float:
    return sum(values) + values[0]


def uses(cache: MemCache, file: io.BytesIO) -> float:
    file.write(cache.tobytes())
    cache.release()
    return as_sequence(cache) + cache.count(1.0) + cache.index(0.0)


def refusals(cache: MemCache) -> None:
    # Each line must be an error: the checker complains of an unneeded ignore otherwise.
    cache["x"]  # type: ignore[index]
    cache[1.5]  # type: ignore[index]
    cache.shape = (1,)  # type: ignore[misc]
    cache.tobytes("X")  # type: ignore[arg-type]
    MemCache(b"abc")  # type: ignore[call-arg]
