# runtime/rnaslicer/inspection/info.py: what performance engineers see of a kernel.
"""`KernelInfo` is a live look at one kernel; nothing in it copies or compiles data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from ..basis.later import later
from ..errors import checked
from .seen import expressions, kernels_of, reason

if TYPE_CHECKING:
    from .listing import Code, Listing

_listing, _verdict = later("inspection.listing"), later("inspection.verdict")


class Entry:
    """One direction of a kernel, `refresh` or `update`."""

    __slots__ = ("_kernel", "direction")

    def __init__(self, kernel, direction):
        self._kernel, self.direction = kernel, direction

    @property
    def ir(self) -> str:
        """LLVM IR text, '' while nothing is compiled."""
        return self._kernel.ir(self.direction) if self._kernel else ""

    @property
    def asm(self) -> str:
        """Disassembly of the machine code in Intel syntax, '' while nothing is compiled."""
        return self._kernel.asm(self.direction) if self._kernel else ""

    @property
    def origin(self) -> str:
        """'compiled', 'memory', 'disk' or 'interpreter'."""
        return self._kernel.origin(self.direction) if self._kernel else "interpreter"

    @property
    def codes(self) -> list[Code]:
        """What is compiled: one function, or two where large outputs have one of their own."""
        if not self._kernel:
            return []
        return [_listing.Code(self._kernel.compiled_plan, one) for one in self._kernel.entries(self.direction)]

    @property
    def listing(self) -> Listing | None:
        """Plan, IR and assembly joined by plan line; None while nothing is compiled."""
        codes = self.codes
        return codes[0].listing if codes else None

    @property
    def times(self) -> dict[str, float]:
        """Seconds of single runs: fastest, slowest, last."""
        return {name: float(self._number(name)) for name in ("fastest", "slowest", "last")}

    @property
    def best(self) -> tuple[int, float]:
        """(bytes, seconds) of the run with the most bytes a second; (0, 0.0) before the first."""
        return self._number("best_bytes"), float(self._number("best_seconds"))

    def _number(self, name):
        return self._kernel.statistics(self.direction)[name] if self._kernel else 0

    @property
    def compile_seconds(self) -> float:
        """Seconds that compiling or loading took; 0.0 while nothing is compiled."""
        return float(self._number("compile_seconds"))

    @property
    def calls(self) -> int:
        """How often it ran."""
        return self._number("calls")

    @property
    def bytes(self) -> int:
        """Cache bytes it moved."""
        return self._number("bytes")

    @property
    def seconds(self) -> float:
        """Seconds it ran, copy workers included."""
        return float(self._number("seconds"))


class KernelInfo:
    """A kernel by its layout signature: plan, code and statistics of both directions.

    `ir`, `asm` and `origin` are the refresh entry's; `update.ir` and so on the other's. Where bpy
    fills the cache without a copy of ours (`route` 'foreach' with a matching format), there is a
    plan but nothing compiled. Of tables of PropertyGroups refresh and update have a kernel each; the plan is refresh's.
    """

    __slots__ = ("_expression", "_kernel", "beside", "idle", "refresh", "route", "update", "why")
    route: str

    def __init__(self, kernel, route, expression="", why="", updating=None, beside=(), idle=False):
        self._kernel, self.route, self._expression, self.why = kernel, route, expression, why
        self.refresh, self.update = Entry(kernel, "refresh"), Entry(updating or kernel, "update")
        self.beside: tuple[str, ...] = beside  # signatures of the kernels that run for this leaf, too
        self.idle: bool = idle  # bpy fills the whole cache itself

    @property
    def signature(self) -> str:
        """16 hex digits, the same in symbol names, disk cache and perf."""
        return self._kernel.signature if self._kernel else ""

    @property
    def expressions(self) -> list[str]:
        """What was entered and led here, as far as it is remembered; a wrapper's own alone."""
        if self._expression:
            return [self._expression]
        return [text for text, _, _ in expressions(self.signature)] if self._kernel else []

    @property
    def others(self) -> int:
        """How many other expressions ran this kernel: its figures are of all of them."""
        return len({text for text, _, _ in expressions(self.signature)} - set(self.expressions)) if self._kernel else 0

    @property
    def reasons(self) -> list[str]:
        """The route and why it is that one, in words; several where expressions differ in it."""
        if self.route:
            return [reason(self.route, self.why)]
        return list(dict.fromkeys(reason(route, why) for _, route, why in expressions(self.signature)))

    @property
    def codes(self) -> list[Code]:
        """All that is compiled, refresh first."""
        return self.refresh.codes + self.update.codes

    @property
    def listing(self) -> Listing | None:
        """That of the refresh entry, or of update where only that is compiled."""
        return self.refresh.listing or self.update.listing

    @property
    def verdict(self) -> str:
        """What runs, why, how often and how fast, in a few lines. Measures memcpy when first asked."""
        return _verdict.verdict(self)

    @property
    def plan(self) -> str:
        """The access plan's text."""
        return self._kernel.plan if self._kernel else ""

    @property
    def ir(self) -> str:
        """LLVM IR of the refresh entry."""
        return self.refresh.ir

    @property
    def asm(self) -> str:
        """Disassembly of the refresh entry."""
        return self.refresh.asm

    @property
    def origin(self) -> str:
        """Where the refresh entry's code came from."""
        return self.refresh.origin

    @property
    def compile_seconds(self) -> float:
        """Seconds spent compiling or loading both entries."""
        return self.refresh.compile_seconds + self.update.compile_seconds

    @property
    def trouble(self) -> str:
        """Why it is interpreted though it could be compiled ("JIT is off"); '' if it is not."""
        return self._kernel.trouble if self._kernel else ""

    @property
    def calls(self) -> int:
        """Runs of both entries."""
        return self.refresh.calls + self.update.calls

    @property
    def bytes(self) -> int:
        """Cache bytes that both entries moved."""
        return self.refresh.bytes + self.update.bytes

    @property
    def seconds(self) -> float:
        """Seconds that both entries ran."""
        return self.refresh.seconds + self.update.seconds

    @property
    def tier(self) -> str:
        """Instruction set of what is compiled; '' while nothing is."""
        codes = self.codes
        return codes[0].tier if codes else ""

    def __repr__(self) -> str:
        return f"<kernel {self.signature or '-'} route {self.route}, {self.origin}, {self.calls} calls>"


def info_of(route, text):
    """Of one leaf of a wrapper whose title is `text`."""
    kernel, updating = route.kernel, route.updating
    others = {one.signature for one in kernels_of(route)} - {one.signature for one in (kernel, updating) if one}
    return KernelInfo(kernel, route.name, text, route.why, updating, tuple(sorted(others)), route.straight)


@checked
def kernels() -> list[KernelInfo]:
    """`KernelInfo` of every kernel in the memory cache, oldest first; `route` is '' there."""
    return [KernelInfo(kernel, "") for kernel in _core.kernels()]
