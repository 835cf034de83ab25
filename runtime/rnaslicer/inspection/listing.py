# runtime/rnaslicer/inspection/listing.py: plan, IR and assembly of one function, joined by plan line.
"""The link is the line table that every kernel carries: the plan's text is the source of its code, for
listings as for gdb and perf."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

from .. import _core

_DBG = re.compile(r",? !dbg !(\d+)")
_LOCATION = re.compile(r"^!(\d+) = !DILocation\(line: (\d+)")
_LABEL = re.compile(r"^[\w.]+:")
_CONTROL = {code: "?" for code in (*range(9), *range(11, 32), 127, *range(128, 160))}


def harmless(text):
    """Text from a file without what would steer a terminal."""
    return text.translate(_CONTROL)


@dataclass(frozen=True)
class Asm:
    """An instruction."""

    address: int  # from the function's start
    bytes: bytes
    text: str
    note: str  # what the linker fills in
    line: int  # of the plan; 0 if unknown
    target: int | None  # where a branch goes
    part: str  # 'prologue', 'loop' or 'tail'; all is 'prologue' where there is no loop


@dataclass(frozen=True)
class IR:
    """A line of IR, without its link."""

    number: int  # in `kernel.ir`, from 1
    text: str
    line: int  # of the plan; 0 if unknown


@dataclass
class Block:
    """What one line of the plan became."""

    line: int
    text: str
    ir: list[IR] = field(default_factory=list)
    asm: list[Asm] = field(default_factory=list)


class Listing:
    """`blocks` by plan line; `ir` and `asm` in their own order, each item with its plan line."""

    def __init__(self, plan, ir, instructions, loop):
        self.plan = plan.splitlines()
        self.loop = loop  # addresses (begin, end) of the main loop; None where there is none
        self.ir = _ir_lines(ir, len(self.plan))
        self.asm = [Asm(address, code, text, note, line if line <= len(self.plan) else 0, target,
                        _part(address, loop))
                    for address, code, text, note, line, target in instructions]
        self.blocks = [Block(number, text) for number, text in enumerate(self.plan, 1)]
        for kind in ("ir", "asm"):
            for item in getattr(self, kind):
                if item.line:
                    getattr(self.blocks[item.line - 1], kind).append(item)

    def line_of_address(self, address):
        """Plan line of the instruction at an address; 0 if unknown."""
        return next((one.line for one in self.asm if one.address <= address < one.address + len(one.bytes)), 0)

    def line_of_ir(self, number):
        """Plan line of a line of `kernel.ir`; 0 if it belongs to none."""
        return next((one.line for one in self.ir if one.number == number), 0)

    def parts(self):
        """[(name, its instructions)] of prologue, loop and tail, without empty ones."""
        found = {}
        for one in self.asm:
            found.setdefault(one.part, []).append(one)
        return list(found.items())

    def __repr__(self):
        return f"<listing of {len(self.plan)} plan lines, {len(self.ir)} of IR, {len(self.asm)} instructions>"


class Code:
    """One compiled function, of a kernel in memory or on disk."""

    def __init__(self, plan, entry):
        self.plan, self._object = plan, entry["object"]
        self.symbol, self.tier, self.origin = entry["symbol"], entry["tier"], entry["origin"]
        self.streaming, self.min_count = entry["streaming"], entry["min_count"]
        self.compile_seconds, self.ir = entry.get("compile_seconds", 0.0), entry["ir"]

    @property
    def direction(self):
        """'refresh' or 'update'."""
        return "update" if "_update" in self.symbol else "refresh"

    @property
    def name(self):
        """Direction, tier and whether it streams: what tells it from the kernel's other code."""
        return f"{self.direction} {self.tier}" + (" streaming" if self.streaming else "")

    @functools.cached_property
    def listing(self) -> Listing:
        """Plan, IR and assembly joined; without assembly if the object cannot be read."""
        try:
            instructions, loop = _core.instructions(self._object, self.symbol, self.tier)
        except RuntimeError:
            instructions, loop = [], None
        return Listing(self.plan, self.ir, instructions, loop)

    @property
    def asm(self):
        """The assembly alone."""
        return "".join(f"{asm_text(one)}\n" for one in self.listing.asm)

    @functools.cached_property
    def prediction(self) -> Prediction | None:
        """What llvm-mca says of the main loop; None where there is no loop or no model of this CPU."""
        try:
            found = _core.predict(self._object, self.symbol, self.tier)
        except RuntimeError:
            return None
        if found is None:
            return None
        shape = _Shape(self.plan)
        steps = self.min_count
        if self.min_count == 1 and re.search(r"^lane:", self.ir, re.M):
            steps = 1 / shape.lanes  # lanes too many to be written out run in the inner loop
        return Prediction(found[0], found[1], steps, steps * shape.lanes * shape.size)


@dataclass(frozen=True)
class Prediction:
    """One iteration of the main loop with all data in L1, no limit in front of the decoders."""

    cpu: str
    cycles: float
    elements: float  # steps of the innermost loop
    bytes: float  # of the cache

    @property
    def per_element(self):
        """Cycles for one step of the plan's innermost loop."""
        return self.cycles / self.elements


class _Shape:
    """What a plan's text says of one step."""

    SIZES = {"b1": 1, "i8": 1, "u8": 1, "i16": 2, "u16": 2, "f16": 2, "i32": 4, "u32": 4, "f32": 4,
             "i64": 8, "u64": 8, "f64": 8}

    def __init__(self, plan):
        words = [line.split() for line in plan.splitlines()]
        self.lanes = max(1, sum(line[0] == "lane" for line in words if line))
        self.size = next((self.SIZES.get(line[1], 1) for line in words if line[:1] == ["format"]), 1)


def asm_text(one, with_bytes=False):
    """An instruction as a line of text."""
    code = f"{one.bytes.hex(' '):<33}" if with_bytes else ""
    mnemonic, _, operands = one.text.partition("\t")
    note = f"  # {one.note}" if one.note else ""
    return f"{one.address:5x}:  {code}{mnemonic:<14} {operands}{note}".rstrip()


def _part(address, loop):
    if loop is None or address < loop[0]:
        return "prologue"
    return "loop" if address < loop[1] else "tail"


def _ir_lines(text, lines):
    """The function's body and its declaration; metadata is what the link is made of."""
    text = harmless(text)
    places = {}
    for row in text.splitlines():
        if found := _LOCATION.match(row):
            places[found[1]] = int(found[2])
    result, inside = [], False
    for number, row in enumerate(text.splitlines(), 1):
        inside = inside or row.startswith("define ")
        if not inside:
            continue
        link = _DBG.search(row)
        line = places.get(link[1], 0) if link and not row.startswith("define ") else 0
        result.append(IR(number, _DBG.sub("", row), line if line <= lines else 0))
        if row == "}":
            break
    return result
