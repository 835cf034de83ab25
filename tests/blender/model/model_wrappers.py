# tests/blender/model/model_wrappers.py: the model campaign's steps with wrappers: what each use owes, and whether it gives it
import random

import model_data as data
from model_state import Held, Lost, region
from support import same

MOST_HELD = 8
LOST, SHAPE, READ, CONTEXT = "SupplierLostError", "ShapeChangedError", "ReadOnlyError", "ContextError"


def value(rng, layer, path):
    """A value that every storage of that kind holds exactly."""
    if layer.format == "?":
        return rng.random() < 0.5
    if layer.format == "i":
        return rng.randrange(4) if path[2] == "material_index" else rng.randrange(100)
    if path[2] == "weight":
        return rng.randrange(17) / 16
    return rng.randrange(-200, 200) / 4 if path[2] != "radius" else rng.randrange(1, 100) / 4


OTHER_TYPES = "modifiers", "light", "nodes"  # of elements that may become others of another type
PAIRS = {("object", "location"): "scale", ("bones", "scale"): "location", ("spline", "radius"): "tilt"}


def flat(values):
    return [x for part in values for x in flat(part)] if isinstance(values, list) else [values]


class Wrappers:
    """What Campaign does with wrappers."""

    def do_make(self, a, b, c):
        """A wrapper of a layer, of the file's objects or of a list of some; it is entered at once three times of four."""
        from rnaslicer import Slicer
        rng = random.Random(a)
        target = self.some_target(rng)
        if target is None or self.is_off:
            return None
        layers = [layer for layer, _ in Held(None, target, None, None, "").reach(self.state)]
        if not layers:
            return None
        whole = target[0] == "data" or target[-1][0] in ("groups", "light")
        rows = slice(None) if whole else rng.choice((slice(None), slice(None), slice(None), slice(1, None, 2),
                                                     slice(None, None, -1), slice(2, 5)))
        if rng.random() < 0.2 and not whole:
            rows = [rng.randrange(len(layers)) for _ in range(rng.randrange(1, 5))]
        component = None
        if layers[0].width > 1 and rng.random() < 0.4:
            component = rng.choice((0, 1, "yx", "x", "xyx"))
        if target[-1][0] == "fcurve" and rng.random() < 0.9:
            component = 1  # the only ones that are updated: keyframes keep their frames
        dtype = {"f": "d", "i": "q", "?": "B"}[layers[0].format] if rng.random() < 0.2 else None
        supplier = self.supplier(target)
        second = PAIRS.get((target[-1][0], target[-1][2])) if target[0] != "data" and rng.random() < 0.3 else None
        items = (rows, (target[-1][2], second) if second else target[-1][2]) if target[-1][0] != "pixels" else (rows,)
        if target[0] == "data":
            items = rows, "data", target[-1][0], slice(None), target[-1][2]
        if target[-1][0] == "groups":
            items = rows, "groups", slice(None), "weight"
        items += () if component is None else (component,)
        options = {"ragged": "flat"} if target[-1][0] == "groups" else {}
        text = f"Slicer({self.text_of(target)}, dtype={dtype!r})[{', '.join(map(text_of_item, items))}]"
        held = Held(Slicer(supplier, dtype=dtype, **options)[items], target, rows, component, text)
        held.more = (second,) if second else ()
        held.width, held.dtype, held.example, held.kind = layers[0].width, dtype, layers[0], layers[0].kind
        held.vw.on_lost.append(lambda *_: setattr(held, "fired", held.fired + 1))
        if len(self.held) >= MOST_HELD:
            self.do_drop(b, 0, 0)
        self.held.append(held)
        if b % 4:
            self.enter(held)
        return f"{text}{' entered' if b % 4 else ''}"

    def some_target(self, rng):
        chance = rng.random()
        if chance < 0.12:
            return "list", ("object", None, rng.choice(("location", "scale", "pass_index", "hide_render")))
        if chance < 0.28:
            numbers = [number for number, id_ in self.state.of("objects")
                       if id_.data is not None and self.state.ids[id_.data].home == "meshes"]
            if not numbers:
                return None
            return "data", [rng.choice(numbers) for _ in range(1 + rng.randrange(3))], rng.choice(
                (("vertices", None, "co"), ("polygons", None, "material_index")))
        if chance < 0.34:
            numbers = [number for number, _ in self.state.of("objects")]
            if not numbers:
                return None
            return "these", [rng.choice(numbers) for _ in range(3)], ("object", None, rng.choice(("location", "pass_index")))
        found = [(number, path) for number, id_ in self.state.ids.items() for path in id_.layers
                 if number != self.editing and path[0] != "object" and (id_.layers[path].values or path[0] != "modifiers")]
        return ("layer", *rng.choice(found)) if found else None

    def supplier(self, target):
        import bpy
        if target[0] == "list":
            return bpy.data.objects
        if target[0] != "layer":
            return [self.id(number) for number in target[1]]
        if target[-1][0] == "groups":
            return self.id(target[1]).vertices
        return data.elements(self.id(target[1]), target[2])

    def text_of(self, target):
        if target[0] == "list":
            return "bpy.data.objects"
        if target[0] != "layer":
            return "[" + ", ".join(self.state.ids[number].name for number in target[1]) + "]"
        return f"{self.state.ids[target[1]].name}: {target[2][:2]}"

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
        if held.dtype == "B":
            return [int(x) for x in values]
        return values

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

    # ---- what is due

    def is_editing(self, held):
        return self.editing is not None and self.editing in held.ids(self.state)

    def is_linked(self, held):
        return any(number in self.state.ids and self.state.ids[number].linked for number in held.ids(self.state))

    def may_be_another(self, held):
        """Blender may have read linked data anew when it undid something."""
        return held.was_undone and self.is_linked(held)

    def due(self, held, use):
        if self.is_off:
            return {CONTEXT}
        status = held.status(self.state)
        due = {{"ok": "ok", "lost": LOST, "shape": SHAPE}[status]}
        if held.target[0] == "data" and status == "lost":
            due.add(SHAPE)  # of another one of the meshes, which is asked before
        if self.is_editing(held):
            in_bmesh = held.target[-1][0] in ("attribute", "uv")
            if held.target[-1][0] == "groups":
                return {SHAPE, READ, LOST}
            due = due | {SHAPE} if use == "refresh" and in_bmesh else due if use == "refresh" else {READ, SHAPE, LOST}
            if use == "refresh" and in_bmesh:
                due = due - {"ok"}
        elif use == "update" and status != "lost" and self.is_linked(held):
            due = {READ} if status == "ok" else {READ, SHAPE}
        if held.target[0] == "list" and status == "ok":
            if use == "update" and held.order(self.state) != held.numbers:
                due = {SHAPE}
        if status == "shape" and held.target[0] == "layer" and held.kept(self.state)[0] == held.was[0]:
            self.tally[f"{held.target[-1][0]}: others, as many, while entered"] += 1
            if held.target[-1][0] in OTHER_TYPES:
                due = due | {"ok"}  # each has the property: followed, or named
        if self.may_be_another(held):
            due = due | {LOST}
        return due

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


def text_of_item(item):
    if isinstance(item, slice):
        return ":".join("" if part is None else str(part) for part in (item.start, item.stop, item.step))
    return repr(item)
