# tests/blender/model/model_wrappers.py: the model campaign's steps with wrappers, each compared with what is due
import random

import model_data as data
from model_due import CONTEXT, LOST, Due
from model_making import Making
from model_state import Lost, region
from spec.convert import to_format
from support import same


def value(rng, layer, path):
    """A value that every storage of that kind holds exactly."""
    if layer.format == "?":
        return rng.random() < 0.5
    if layer.format == "i":
        return rng.randrange(4) if path[2] == "material_index" else rng.randrange(100)
    if path[2] == "weight":
        return rng.randrange(17) / 16
    return rng.randrange(-200, 200) / 4 if path[2] != "radius" else rng.randrange(1, 100) / 4


def flat(values):
    return [x for part in values for x in flat(part)] if isinstance(values, list) else [values]


class Wrappers(Making, Due):
    """What Campaign does with wrappers."""

    def choose(self, a, entered=True):
        """One of the wrappers, or None."""
        found = [held for held in self.held if (held.cache is not None) is entered]
        return found[a % len(found)] if found else None

    # ---- contexts

    def do_enter(self, a, b, c):
        if b % 16 == 0 and self.choose(a):
            held = self.choose(a)
            self.outcome(held, "entering twice", held.vw.__enter__, {CONTEXT})
            return held.text
        held = self.choose(a, entered=False)
        return None if held is None else f"{self.enter(held)}: {held.text}"

    def enter(self, held):
        editing = self.is_editing(held)
        reached = []
        try:
            reached = held.reach(self.state)
            due = {"ok"}
            if not isinstance(held.rows, slice) and max(held.rows) >= len(reached):
                due = {"ExpressionError"}
            elif isinstance(held.component, int) and held.component >= held.width or isinstance(
                    held.component, str) and not set(held.component) <= set("xyzw"[:held.width]):
                due = {"ExpressionError"}
            elif reached and reached[0][0].kind != held.kind:
                due = {"ExpressionError", "ok"}  # another type has the layer's name now
            if held.target[0] == "data" and len(set(held.kept(self.state))) > 1:
                due = {"ExpressionError"}
            elif not reached or held.target[-1][0] == "groups":
                due = {"ExpressionError", "ok"}
        except Lost:
            due = {LOST}
        if editing:
            due = due | {"ok", "ExpressionError"}
        if self.may_be_another(held):
            due = due | {LOST}
        if self.is_off:
            due = {CONTEXT}
        outcome = self.outcome(held, "entering", held.vw.__enter__, due)
        if outcome != "ok":
            return outcome
        if editing or not reached or reached[0][0].kind != held.kind:
            held.vw.__exit__(None, None, None)  # what it holds then is for the fault table
            return "ok, left"
        held.enter(self.state)
        for kernel in held.vw.kernels[:1]:
            self.tally[f"route {kernel.route} "] += 1
        self.is_as_modelled(held)
        return outcome

    def is_as_modelled(self, held):
        assert tuple(held.vw.shape) == held.shape, f"{held.text}: shape {held.vw.shape}, not {held.shape}"
        same(flat(held.vw.memcache.tolist()), self.converted(held, held.cache), f"{held.text}: values at enter")

    @staticmethod
    def converted(held, values):
        """As the wrapper's format has them."""
        return [to_format(x, held.dtype) for x in values] if held.dtype else values

    def do_leave(self, a, b, c):
        held = self.choose(a)
        if held is None:
            return None
        cache = held.vw.memcache
        held.vw.__exit__(None, None, None)
        held.cache = None
        try:
            cache.tolist()
        except ValueError:
            pass
        else:
            raise AssertionError(f"{held.text}: the cache outlives its context")
        return held.text

    def do_drop(self, a, b, c):
        """Forgets a wrapper, entered or not."""
        if not self.held:
            return None
        held = self.held.pop(a % len(self.held))
        if held.cache is not None and a % 3:
            held.vw.__exit__(None, None, None)
        held.vw.on_lost.clear()
        return held.text

    # ---- transfers

    def do_poke(self, a, b, c):
        """New values in the cache only."""
        held = self.choose(a)
        if held is None:
            return None
        rng = random.Random(b)
        self.poke(held, [i for i in range(len(held.cache)) if rng.random() < 0.5], rng)
        return held.text

    def poke(self, held, positions, rng):
        example, path = held.example, held.target[-1]
        for at in positions:
            held.cache[at] = value(rng, example, path)
            held.vw.memcache[place(held.shape, at)] = self.converted(held, [held.cache[at]])[0]

    def region(self, held, c):
        """(view or None, positions)."""
        if c % 2:
            return None, range(len(held.cache))
        subscript, positions = region(held.shape, c >> 1)
        return held.vw.memcache[subscript], positions

    def do_refresh(self, a, b, c):
        held = self.choose(a)
        if held is None:
            return None
        if self.is_editing(held) and held.target[-1][0] == "groups":
            return None
        view, positions = self.region(held, c)
        due = self.due(held, "refresh")
        outcome = self.outcome(held, "refreshing", lambda: held.vw.refresh(view), due)
        if outcome == "ok":
            _, cells = held.cells(self.state)
            for at in positions:
                values, index = cells[at]
                held.cache[at] = values[index]
        self.check_cache(held)
        return f"{outcome}: {held.text} {len(positions)} of {len(held.cache)}"

    def do_update(self, a, b, c):
        held = self.choose(a)
        if held is None or held.target[-1][0] == "fcurve" and held.component != 1:
            return None
        view, positions = self.region(held, c)
        if b % 2:
            self.poke(held, positions, random.Random(b))
        due = self.due(held, "update")
        self.dirty = True
        outcome = self.outcome(held, "updating", lambda: held.vw.update(view), due)
        if outcome == "ok":
            _, cells = held.cells(self.state)
            for at in positions:
                values, index = cells[at]
                values[index] = held.cache[at]
            self.check_target(held)
        self.check_cache(held)
        return f"{outcome}: {held.text} {len(positions)} of {len(held.cache)}"

    def do_look(self, a, b, c):
        """What may be asked at any time."""
        held = self.choose(a, entered=b % 4 != 0)
        if held is None:
            return None
        if held.cache is None:
            for use in (held.vw.refresh, held.vw.update, lambda: held.vw.memcache):
                self.outcome(held, "using it outside its context", use, {CONTEXT})
            return held.text
        self.check_cache(held)
        if held.status(self.state) == "ok" and not self.is_off and not self.is_editing(held) and not self.may_be_another(held):
            assert held.vw.readonly is self.is_linked(held), f"{held.text}: readonly is {held.vw.readonly}"
        return held.text

    def outcome(self, held, doing, use, due):
        """"ok" or the error's name, which must be due."""
        from rnaslicer import SlicerError
        try:
            use()
            found = "ok"
        except SlicerError as error:
            found, message = type(error).__name__, str(error)
        self.tally[f"{doing}: {found}"] += 1
        assert found in due, f"{held.text}: {doing} ends in {found}{f' ({message})' if found != 'ok' else ''}, due: {sorted(due)}"
        return found

    # ---- checks

    def check_target(self, held):
        """All of the layers that were written, by bpy."""
        for number in set(held.ids(self.state)):
            for path in held.paths():
                same(data.read(self.id(number), path), self.state.ids[number].layers[path].values,
                     f"{held.text}: {self.state.ids[number].name} {path} after an update, as bpy gives it")

    def check_cache(self, held):
        if held.cache is None:
            return
        same(flat(held.vw.memcache.tolist()), self.converted(held, held.cache), f"{held.text}: the cache")
        lost = held.status(self.state) == "lost" or self.is_off
        if not self.may_be_another(held):
            assert held.vw.alive is not lost, f"{held.text}: alive is {held.vw.alive}"
            assert held.was_lost or lost or not held.fired, f"{held.text}: on_lost was called, but it never was lost"


def place(shape, at):
    """The index tuple of a flat position."""
    found = []
    for extent in reversed(shape):
        at, i = divmod(at, extent)
        found.append(i)
    return tuple(reversed(found))
