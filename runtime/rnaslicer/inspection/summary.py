# runtime/rnaslicer/inspection/summary.py: all kernels of the process in one table, by share of time.

from dataclasses import dataclass

from .info import kernels
from .seen import expressions, without_kernel
from .stored import describe
from .texts import rate, seconds, size, table
from .verdict import speed


@dataclass(frozen=True)
class Row:
    """A kernel's figures; `kernel` is None for what bpy moves alone, which nobody counts."""

    kernel: object
    expression: str  # or the plan in words, where none is known: what bpy's own values are compared with
    route: str
    share: float  # of the time that all kernels ran, 0 to 1
    calls: int
    bytes: int
    seconds: float
    fastest: float
    slowest: float
    rate: float  # bytes a second, on average
    of_memcpy: float  # the best run's speed as a share of memcpy's best; 0 where it never ran
    compiled: bool


SORTS = {"time": lambda row: -row.seconds, "bytes": lambda row: -row.bytes, "calls": lambda row: -row.calls,
         "rate": lambda row: -row.rate, "memcpy": lambda row: -row.of_memcpy,
         "expression": lambda row: row.expression}


def rows(sort="time", measure=True):
    """One `Row` for each kernel, sorted. Without `measure` memcpy is left out: measuring takes some ms for each
    size when first asked."""
    infos = kernels()
    total = sum(info.seconds for info in infos)
    result = [_row(info, total, measure) for info in infos]
    result += [Row(None, text, route, 0.0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, False)
               for text, route, _ in without_kernel()]
    return sorted(result, key=SORTS[sort])


def _row(info, total, measure):
    entries = (info.refresh, info.update)
    nbytes, spent = info.bytes, info.seconds
    best = max((own / other for own, other in map(speed, entries) if other), default=0.0) if measure else 0.0
    fastest = [entry.times["fastest"] for entry in entries if entry.times["fastest"]]
    return Row(info, _name(info), ", ".join(dict.fromkeys(_routes(info))),
               spent / total if total else 0.0, info.calls, nbytes, spent, min(fastest, default=0.0),
               max(entry.times["slowest"] for entry in entries), nbytes / spent if spent else 0.0, best,
               bool(info.codes))


def _name(info):
    """The last expression for which the kernel worked on Blender's memory, else the last that led to it, else its plan
    in words."""
    found = expressions(info.signature)
    direct = [text for text, route, _ in found if route == "direct"]
    return (direct or [text for text, _, _ in found] or [describe(info.plan)])[-1]


def _routes(info):
    return [route for _, route, _ in expressions(info.signature)]


HEAD = ("share", "calls", "fastest", "mean", "slowest", "bytes", "speed", "of memcpy", "signature", "expression")


def cells(row):
    """A row as texts, in the order of HEAD."""
    ran = row.calls and row.seconds
    return (f"{100 * row.share:.0f} %" if ran else "", row.calls or "", seconds(row.fastest) if row.fastest else "",
            seconds(row.seconds / row.calls) if ran else "", seconds(row.slowest) if row.slowest else "",
            size(row.bytes) if row.bytes else "", rate(row.rate) if row.rate else "",
            f"{100 * row.of_memcpy:.0f} %" if row.of_memcpy else "", row.kernel.signature if row.kernel else row.route,
            row.expression)


def overview(sort="time"):
    """The table as text."""
    return "\n".join(table(HEAD, [cells(row) for row in rows(sort)], right=range(8))) + "\n"
