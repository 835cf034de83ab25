# runtime/rnaslicer/inspection/recording.py: each transfer, while somebody wants to know.
"""Off costs nothing: the wrapper's methods are replaced only while a history is kept. The functions that stand in
for bpy's calls are held by scripts, so they ask whether one is."""

from __future__ import annotations

import functools
import os
import time
from typing import Any

from .. import _core
from ..basis.records import Record
from . import seen
from .texts import percent, rate, seconds, size, table

#: Methods of `ViewWrapper` that move data; those that a version lacks are left out.
_METHODS = {"__enter__": "refresh", "refresh": "refresh", "update": "update", "read": "refresh",
            "write": "update", "changes": "refresh"}
_MOST = 100_000  # records; beyond, the oldest go

_kept: list[History] = []  # histories that are being written
_originals = {}  # methods as they were
_kernels: dict[str, Any] = {}  # by signature, while histories are written: a trail keeps no more than that
_depth = 0  # of recorded calls within one another


class Transfer(Record):
    """One call that moved data."""

    expression: str
    direction: str  # 'refresh' or 'update'
    region: str  # what it was restricted to, '' for all
    # Of each leaf, those that are alike once.
    routes: tuple[str, ...]
    origins: tuple[str, ...]  # of the code: compiled, memory, disk, interpreter; '' without a kernel
    signatures: tuple[str, ...]  # of the kernel, '' without
    bytes: int  # of the cache or buffer that were to be moved; 0 of a list
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


def _hook():
    seen.last, seen.hook = [], _hook
    if seen.calls is not None:
        seen.calls.note = _noted_call
    for name, direction in _METHODS.items() if seen.wrapper_class and not _originals else ():  # else nothing moves data yet
        if (method := vars(seen.wrapper_class).get(name)) is not None:
            _originals[name] = method
            setattr(seen.wrapper_class, name, _recorded(method, direction, name))


def _unhook():
    for name, method in _originals.items():
        setattr(seen.wrapper_class, name, method)
    _originals.clear()
    _kernels.clear()
    seen.last = seen.hook = None
    if seen.calls is not None:
        seen.calls.note = None


def _recorded(method, direction, name):
    @functools.wraps(method)
    def recorded(wrapper, *args, **named):
        given = args[0] if args else next(iter(named.values()), None)
        return _timed(functools.partial(method, wrapper, *args, **named),
                      lambda result: _of_wrapper(wrapper, name, direction, given, result))
    return recorded


def _noted_call(function, direction, said, buffer, *args):
    """A function of calls/ while a history is kept; it calls itself without. said: gives (expression, signatures of the
    kernels that a trail of it runs)."""
    def call():
        seen.calls.note, seen.calls.by_bpy = None, ""
        try:
            return function(*args)
        finally:
            seen.calls.note = _noted_call if _kept else None

    def what(_):
        expression, signatures = said()
        signatures = () if seen.calls.by_bpy else signatures
        origins = tuple(kernel.origin(direction) if kernel else "" for kernel in map(_kernel, signatures))
        return expression, direction, "", (seen.calls.by_bpy or "direct",), origins or ("",), signatures or ("",), _size(buffer)
    return _timed(call, what)


def _timed(call, what):
    """Calls it and adds a record to every history; an error of ours must not replace the caller's. `what`: gives the
    record's fields up to `bytes`, from what the call gave."""
    global _depth
    outermost = not _depth  # what one of them calls of the others belongs to it
    if outermost and seen.last is not None:
        seen.last.clear()
    _depth += 1
    failed, result, start = "", None, time.perf_counter()
    try:
        result = call()
        return result
    except BaseException as error:
        failed = type(error).__name__
        raise
    finally:
        seconds = time.perf_counter() - start
        _depth -= 1
        if outermost:
            _note(what, result, seconds, failed)


def _note(what, result, seconds, failed):
    threads = 0
    try:
        threads = _core.configure()["threads"] or min(8, os.cpu_count() or 1)
        fields = what(result)
    except Exception as error:
        fields, failed = ("?", "?", "?", (), (), (), 0), failed or type(error).__name__
    record = Transfer(*fields, seconds, threads, failed)
    for one in _kept:
        one.transfers.append(record)
        if len(one.transfers) > _MOST:
            del one.transfers[: _MOST // 10]


def _of_wrapper(wrapper, name, direction, given, result):
    """The fields of a record, by what the call left: nothing is resolved or made for it."""
    cache, at_once = wrapper._memcache, name in ("read", "write")
    part = given if given is not cache and not at_once else None  # else it is a buffer of the caller's
    moved = next((one for one in (given, result if name == "read" else None, cache) if one is not None), None)
    hows = list(dict.fromkeys(_hows(wrapper, direction)))
    return (seen.title(wrapper), direction, "" if part is None else _region(cache, part),
            *(tuple(column) for column in list(zip(*hows)) or ((), (), ())), _size(moved))


def _hows(wrapper, direction):
    """(route, origin, signature) of each leaf."""
    if seen.last or wrapper._routes is not None and wrapper._memcache is not None:
        for route in seen.last or wrapper._routes:
            kernel = direction == "update" and route.updating or route.kernel
            yield route.name, kernel.origin(direction) if kernel else "", kernel.signature if kernel else ""
        return
    known = wrapper._known if wrapper._memcache is not None else wrapper._known_for(wrapper._key)
    for signature in known.signatures if known is not None else ():
        kernel = _kernel(signature)
        yield seen.route_of(known), kernel.origin(direction) if kernel else "", signature


def _kernel(signature):
    """A kernel in memory, or None."""
    if signature not in _kernels:
        _kernels.update({one.signature: one for one in _core.kernels()})
    return _kernels.get(signature)


def _size(buffer):
    """Bytes of a buffer; 0 of what is none."""
    try:
        return 0 if buffer is None else memoryview(buffer).nbytes
    except (TypeError, ValueError, BufferError):
        return 0


def _region(cache, part):
    """(start, step, count) for each axis; '?' for what is no region."""
    try:
        return str(_core.region(cache, part))
    except Exception:
        return "?"
