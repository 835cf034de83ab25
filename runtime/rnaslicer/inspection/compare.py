# runtime/rnaslicer/inspection/compare.py: two kernels side by side in words: what differs, and what it costs.
"""Two tiers, two layouts, before and after: sides are named by expression and tier."""

import difflib
import re

from .views import Plain, label

_TARGET = re.compile(r"0x[0-9a-f]+$")


def diff(one, other, style=Plain()):
    """Text: plans, cycles, IR and assembly of both."""
    names = label(one), label(other)
    if names[0] == names[1]:
        names = tuple(f"{name} {kernel.signature}" for name, kernel in zip(names, (one, other)))
    lines = [style.head(f"- {names[0]}"), style.head(f"+ {names[1]}"), ""]
    lines += _part("plan", one.codes[0].plan if one.codes else one.plan,
                   other.codes[0].plan if other.codes else other.plan, style)
    ours, theirs = ({(code.direction, code.streaming): code for code in kernel.codes} for kernel in (one, other))
    for key in sorted({*ours, *theirs}):
        a, b = ours.get(key), theirs.get(key)
        title = f"{key[0]}{' streaming' if key[1] else ''}"
        if a is None or b is None:
            lines += [style.head(f"{title}: only {names[0] if b is None else names[1]} has it compiled"), ""]
            continue
        lines.append(style.head(title))
        lines += _figures(a, b)
        lines += _part("IR", _ir(a), _ir(b), style)
        lines += _part("assembly", _asm(a), _asm(b), style)
    return "\n".join(lines) + "\n"


def _figures(a, b):
    def figures(code):
        found, listing = code.prediction, code.listing
        yield "instructions", len(listing.asm)
        yield "in the main loop", sum(one.part == "loop" for one in listing.asm) if listing.loop else 0
        yield "bytes of code", sum(len(one.bytes) for one in listing.asm)
        yield "cycles of the main loop", found and round(found.cycles, 2)
        yield "elements of the main loop", found and found.elements
        yield "cycles an element", found and round(found.per_element, 3)
    for (name, x), (_, y) in zip(figures(a), figures(b)):
        same = "" if x == y or not x or not y else f"  ({y / x:.2f} x)"
        yield f"  {name:<26} {'unknown' if x is None else x:>9} {'unknown' if y is None else y:>9}{same}"
    yield ""


def _part(name, one, other, style):
    if one == other:
        return [f"{name}: the same", ""]
    changes = list(difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=2))[2:]
    return [style.head(f"{name}:"), *changes, ""]


def _ir(code):
    """Without what differs anyway: the symbol."""
    return "\n".join(one.text.replace(code.symbol, "kernel") for one in code.listing.ir)


def _asm(code):
    """Instructions; branches by distance in instructions, for addresses would all differ."""
    listing = code.listing
    places = {one.address: i for i, one in enumerate(listing.asm)}
    lines = []
    for i, one in enumerate(listing.asm):
        text = one.text.replace("\t", " ")
        if one.target in places:
            text = _TARGET.sub(f"{places[one.target] - i:+} instructions", text)
        lines.append(f"{text}  # {one.note}" if one.note else text)
    return "\n".join(lines)
