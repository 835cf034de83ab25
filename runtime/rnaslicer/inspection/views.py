# runtime/rnaslicer/inspection/views.py: a kernel as text: plan, IR, assembly, and the three linked.

from .listing import asm_text, harmless
from .stored import describe
from .texts import counted
from .verdict import verdict

_MOST_IR = 12  # lines of IR beside one line of the plan
_WIDEST = 120  # characters of them; all of it is in `ir_text`
_COLORS = (39, 208, 40, 170, 220, 45, 203, 113, 141, 180, 80, 211)


class Plain:
    """Text as it is."""

    def line(self, number, text):
        """Text that belongs to a line of the plan."""
        return text

    def head(self, text):
        """A heading."""
        return text

    def dim(self, text):
        """What is there for completeness."""
        return text


class Ansi(Plain):
    """For a terminal: one colour for each line of the plan."""

    def line(self, number, text):
        return f"\x1b[38;5;{_COLORS[number % len(_COLORS)]}m{text}\x1b[0m" if number else text

    def head(self, text):
        return f"\x1b[1m{text}\x1b[0m"

    def dim(self, text):
        return f"\x1b[2m{text}\x1b[0m"


def plan_text(kernel, style=Plain()):
    """The plan with line numbers, as they stand beside instructions."""
    codes = kernel.codes
    text = codes[0].plan if codes else kernel.plan
    return "".join(style.line(n, f"{n:3}  {line}") + "\n" for n, line in enumerate(text.splitlines(), 1))


def ir_text(kernel, style=Plain()):
    """IR of each code, plan lines in front."""
    return _each(kernel, style, lambda code: "".join(
        style.line(one.line, f"{one.line or '':>3}  {one.text}") + "\n" for one in code.listing.ir))


def asm_view(kernel, style=Plain()):
    """Assembly of each code, plan lines in front, with bytes; the main loop marked."""
    def one_code(code):
        lines = []
        for part, items in code.listing.parts():
            lines.append(style.dim(f"     {_PARTS[part]}"))
            lines += [style.line(one.line, f"{one.line or '':>3}  {asm_text(one, True)}") for one in items]
        return "\n".join(lines) + "\n"
    return _each(kernel, style, one_code)


def linked_text(kernel, style=Plain(), unfolded=False):
    """Plan, IR and assembly joined. Prologue and tail are folded to a line each unless `unfolded`."""
    return _each(kernel, style, lambda code: _linked(code, style, unfolded))


def full_text(kernel):
    """All of it, to be saved."""
    parts = [verdict(kernel), plan_text(kernel), linked_text(kernel, unfolded=True), ir_text(kernel), asm_view(kernel)]
    return "\n".join(parts)


_PARTS = {"prologue": "before the main loop", "loop": "main loop", "tail": "after the main loop"}


def _each(kernel, style, text_of):
    texts = [f"{style.head(code.name)}  {style.dim(code.symbol)}\n{text_of(code)}" for code in kernel.codes]
    return "\n".join(texts) if texts else "nothing is compiled\n"


def _linked(code, style, unfolded):
    listing, lines = code.listing, []
    shown = set()
    for part, items in listing.parts():
        span = f"{items[0].address:#x} to {items[-1].address + len(items[-1].bytes):#x}"
        name = _PARTS[part] if listing.loop else "all of it"
        if part != "loop" and listing.loop and not unfolded:
            lines.append(style.dim(f"     {name}, {span}: {counted(len(items), 'instruction')}, folded"))
            continue
        lines.append(style.head(f"     {name}, {span}"))
        for number, run in _runs(items):
            block = listing.blocks[number - 1] if number else None
            lines.append(style.line(number, f"{number or '':>3}  {block.text if block else ''}".rstrip()))
            if block and number not in shown:
                shown.add(number)
                lines += _beside(block, style)
                if len(block.ir) > _MOST_IR:
                    lines.append(style.dim(f"       | and {counted(len(block.ir) - _MOST_IR, 'more line')} of IR"))
            lines += [style.line(number, f"     {asm_text(one)}") for one in run]
    for number, block in enumerate(listing.blocks, 1):
        if block.ir and number not in shown and unfolded:
            lines.append(style.line(number, f"{number:3}  {block.text}  (no instruction of its own)"))
            lines += _beside(block, style)
    return "\n".join(lines) + "\n"


def _beside(block, style):
    """The first lines of a block's IR, each cut to what a screen holds."""
    texts = (one.text.strip() for one in block.ir[:_MOST_IR])
    return [style.dim(f"       | {text if len(text) <= _WIDEST else text[:_WIDEST - 4] + ' ...'}") for text in texts]


def _runs(items):
    """[(plan line, neighbouring instructions that belong to it)]."""
    runs = []
    for one in items:
        if not runs or runs[-1][0] != one.line:
            runs.append((one.line, []))
        runs[-1][1].append(one)
    return runs


def label(kernel):
    """A kernel's expression and tier: what tells the sides of a comparison apart."""
    name = kernel.expressions[0] if kernel.expressions else describe(kernel.plan)
    return harmless(f"{name} ({kernel.tier or 'not compiled'})")


def as_json(kernel, texts=False):
    """A kernel as plain values."""
    codes = []
    for code in kernel.codes:
        found = code.prediction
        one = {"direction": code.direction, "streaming": code.streaming, "tier": code.tier, "symbol": code.symbol,
               "min_count": code.min_count, "instructions": len(code.listing.asm), "main_loop": code.listing.loop,
               "prediction": found and {"cpu": found.cpu, "cycles": found.cycles, "elements": found.elements,
                                        "bytes": found.bytes}}
        if texts:
            one |= {"ir": code.ir, "assembly": [
                {"address": a.address, "bytes": a.bytes.hex(), "text": a.text, "note": a.note, "plan_line": a.line,
                 "part": a.part} for a in code.listing.asm]}
        codes.append(one)
    more = {name: getattr(kernel, name) for name in ("version", "llvm", "current", "modified") if hasattr(kernel, name)}
    return {"signature": kernel.signature, "expressions": kernel.expressions, "reasons": kernel.reasons,
            "plan": kernel.plan, "bytes": kernel.bytes, **more, "codes": codes}
