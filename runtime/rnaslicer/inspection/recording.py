# runtime/rnaslicer/inspection/recording.py: each transfer, while somebody wants to know.
"""Off costs nothing: the wrapper's methods are replaced only while a history is kept."""

from __future__ import annotations

import functools
import os
import time
from typing import NamedTuple

from .. import _core
from .texts import percent, rate, seconds, size, table

#: Methods of `ViewWrapper` that move data; those that a version lacks are left out.
_METHODS = {"__enter__": "refresh", "refresh": "refresh", "update": "update", "read": "refresh",
            "write": "update", "changes": "refresh"}
_MOST = 100_000  # records; beyond, the oldest go

_wrapper_class = None  # handed in by the package: nothing below it may import it
_kept: list[History] = []  # histories that are being written
_originals = {}  # methods as they were
_depth = 0  # of recorded calls within one another


class Transfer(NamedTuple):
    """One call that moved data."""

    expression: str
    direction: str  # 'refresh' or 'update'
    region: str  # what it was restricted to, '' for all
    routes: tuple[str, ...]  # of each leaf
    origins: tuple[str, ...]  # of each leaf's code: compiled, memory, disk, interpreter; '' without kernel
    signatures: tuple[str, ...]  # of each leaf's kernel, '' without
    bytes: int  # of the cache that were to be moved
    seconds: float  # all of the call, checks included
    threads: int  # that copies may use
    failed: str  # the error's name, '' if it went well


class History:
    """`transfers` in the order in which they ended."""

    def __init__(self):
        self.transfers: list[Transfer] = []

    def __enter__(self) -> History:
        """From here on."""
        if not _kept:
            _hook()
        _kept.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Until here; `transfers` stay."""
        for i, one in enumerate(_kept):
            if one is self:  # by identity: a history may be kept twice
                del _kept[i]
                break
        if not _kept:
            _unhook()

    def __len__(self) -> int:
        return len(self.transfers)

    def __iter__(self):
        return iter(self.transfers)

    @property
    def table(self) -> str:
        """Text: what the transfers took for each expression, direction and route, the longest first."""
        sums = {}
        for one in self.transfers:
            key = one.expression, one.direction, ", ".join(dict.fromkeys(one.routes)), one.failed
            sums.setdefault(key, []).append(one)
        total = sum(one.seconds for one in self.transfers)
        rows = []
        for (expression, direction, routes, failed), ones in sorted(
                sums.items(), key=lambda item: -sum(one.seconds for one in item[1])):
            spent, moved = sum(one.seconds for one in ones), sum(one.bytes for one in ones)
            rows.append((percent(spent, total), len(ones), seconds(spent / len(ones)), size(moved),
                         rate(moved / spent) if spent else "", direction, failed or routes, expression))
        head = ("share", "calls", "mean", "bytes", "speed", "direction", "route", "expression")
        return "\n".join(table(head, rows, right=range(5))) + "\n"

    def __repr__(self) -> str:
        moved, spent = sum(t.bytes for t in self.transfers), sum(t.seconds for t in self.transfers)
        return f"<history of {len(self.transfers)} transfers, {moved} bytes, {spent:.6f} s>"


def history() -> History:
    """`with rnaslicer.history() as h:` records each transfer of this process in `h.transfers`."""
    return History()


def watch(wrapper_class):
    """Says whose methods move data."""
    global _wrapper_class
    _wrapper_class = wrapper_class
    if _kept:
        _hook()


def _hook():
    for name, direction in _METHODS.items() if _wrapper_class else ():  # else nothing moves data yet
        if (method := vars(_wrapper_class).get(name)) is not None:
            _originals[name] = method
            setattr(_wrapper_class, name, _recorded(method, direction, name in ("read", "write")))


def _unhook():
    for name, method in _originals.items():
        setattr(_wrapper_class, name, method)
    _originals.clear()


def _recorded(method, direction, at_once):
    @functools.wraps(method)
    def recorded(wrapper, *args, **named):
        global _depth
        _depth += 1
        failed, start = "", time.perf_counter()
        try:
            return method(wrapper, *args, **named)
        except BaseException as error:
            failed = type(error).__name__
            raise
        finally:
            seconds = time.perf_counter() - start
            _depth -= 1
            if not _depth:  # what one of them calls of the others belongs to it
                _note(wrapper, direction, args, seconds, failed, at_once)
    return recorded


def _note(wrapper, direction, args, seconds, failed, at_once):
    """Adds a record to every history; an error of ours must not replace the caller's."""
    try:
        record = _record(wrapper, direction, args, seconds, failed, at_once)
    except Exception as error:
        record = Transfer(repr(wrapper), direction, "?", (), (), (), 0, seconds, 0, failed or type(error).__name__)
    for one in _kept:
        one.transfers.append(record)
        if len(one.transfers) > _MOST:
            del one.transfers[: _MOST // 10]


def _record(wrapper, direction, args, seconds, failed, at_once):
    routes = wrapper._by_routes()[1] if wrapper._memcache is not None else ()
    kernels = [direction == "update" and route.updating or route.kernel for route in routes]
    cache = wrapper._memcache
    given = args[0] if args else None
    part = given if given is not cache and not at_once else None  # else it is a buffer of the caller's
    moved = given if given is not None else cache
    nbytes = getattr(moved, "nbytes", 0)
    return Transfer(
        wrapper._text, direction, "" if part is None else _region(cache, part),
        tuple(route.name for route in routes),
        tuple(kernel.origin(direction) if kernel else "" for kernel in kernels),
        tuple(kernel.signature if kernel else "" for kernel in kernels),
        nbytes if isinstance(nbytes, int) else 0, seconds, _core.configure()["threads"] or min(8, os.cpu_count() or 1), failed)


def _region(cache, part):
    """(start, step, count) for each axis; '?' for what is no region."""
    try:
        return str(_core.region(cache, part))
    except Exception:
        return "?"
