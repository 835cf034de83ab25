# tests/blender/model/model_once.py: the model campaign's reads, writes and edits of all values at once
import random

from model_due import READ, SHAPE
from model_state import Lost
from model_wrappers import flat, value
from spec.convert import to_format
from support import same


class Dropped(Exception):
    """Ends an edit that is not to be written."""


class AtOnce:
    """Part of the campaign (model_steps.py): of wrappers that are entered, which are due what refresh and update are."""

    def do_read_once(self, a, b, c):
        held = self.choose(a)
        if held is None or self.is_editing(held) and held.target[-1][0] == "groups":
            return None
        got = []
        outcome = self.outcome(held, "reading", lambda: got.append(held.vw.read()), self.due_once(held, "refresh"))
        if outcome == "ok":
            same(flat(got[0].tolist()), self.converted(held, self.now(held)), f"{held.text}: what was read")
        self.check_cache(held)
        return f"{outcome}: {held.text}"

    def do_write_once(self, a, b, c):
        held = self.choose(a)
        if held is None or not held.cache or held.target[-1][0] == "fcurve" and held.component != 1:
            return None
        rng, example, path = random.Random(b), held.example, held.target[-1]
        new = [value(rng, example, path) for _ in held.cache]
        buffer = memoryview(bytearray(held.vw.memcache.nbytes)).cast(held.vw.format)
        for at, one in enumerate(self.converted(held, new)):
            buffer[at] = one
        shaped = buffer.cast("B").cast(held.vw.format, held.shape)
        due = self.due_once(held, "update")
        self.dirty = True
        outcome = self.outcome(held, "writing", lambda: held.vw.write(shaped), due)
        if outcome == "ok":
            self.store(held, new)
        self.check_cache(held)
        return f"{outcome}: {held.text}"

    def do_edit_once(self, a, b, c):
        held = self.choose(a)
        if held is None or held.target[-1][0] == "fcurve" and held.component != 1:
            return None
        if self.is_editing(held) and held.target[-1][0] == "groups":
            return None
        first, dropped = self.due(held, "refresh"), []
        due = first if "ok" not in first else first - {"ok"} | self.due(held, "update") | ({"ok"} if c % 4 == 0 else set())
        self.dirty = True

        def edit():
            try:
                with held.vw.edit():
                    held.cache[:] = self.now(held)
                    rng = random.Random(b)
                    self.poke(held, [i for i in range(len(held.cache)) if rng.random() < 0.5], rng)
                    if c % 4 == 0:
                        raise Dropped
            except Dropped:
                dropped.append(True)
        outcome = self.outcome(held, "editing", edit, due)
        if outcome == "ok" and not dropped:
            self.store(held, held.cache)
        self.check_cache(held)
        return f"{outcome}: {held.text}{' dropped' if dropped else ''}"

    def due_once(self, held, use):
        """As `due`. But what is moved at once is looked up anew: only its shape must be as at enter, and meshes of which
        one has more than another now are said to be none of the expression."""
        due = self.due(held, use)
        if SHAPE not in due or self.is_editing(held) and (use == "update" or self.is_in_bmesh(held)):
            return due
        due = due | {"ExpressionError"}
        if READ in due:
            return due
        try:
            shape, _ = held.cells(self.state)
        except (Lost, IndexError):
            return due
        return due | {"ok"} if shape == held.shape else due

    def now(self, held):
        """The values that Blender has, in the order of the cache."""
        _, cells = held.cells(self.state)
        return [values[index] for values, index in cells]

    def store(self, held, new):
        """What was written; the layer may be one of another type than at enter."""
        _, cells = held.cells(self.state)
        for (values, index), one in zip(cells, new):
            values[index] = to_format(one, {float: "f", int: "i", bool: "?"}[type(values[index])])
        self.check_target(held)
