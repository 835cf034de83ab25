# tests/blender/model/form_use.py: what the campaign of expressions does with a wrapper that is entered
"""Where the file has not changed since enter every use must succeed; else it gives what the specification says now, or refuses.
What was refused has written nothing; what was written is there, and nothing else has changed."""
import bpy
import numpy as np
import spec
from model_state import region
from support import same

REFUSALS = {"ShapeChangedError", "SupplierLostError", "ExpressionError", "StorageChanged", "ReadOnlyError"}
USES = "refresh", "refresh", "update", "update", "beyond", "read", "write"


class Use:
    """Part of the campaign (form_steps.py)."""

    def use(self, held, rng):
        what = rng.choice(USES)
        if what in ("update", "beyond", "write") and held.form.kind.readonly:
            what = "refresh"
        return f"{what} {getattr(self, what)(held, rng)}"

    # ---- what is due

    def now(self, held):
        """The Result of now; None where nothing is said of it: GONE or an error's name where it must be refused."""
        changed = self.world.changes != held.changes
        return self.wanted(held.form) if held.form.follows or not changed else None

    def judge(self, held, found, now, doing):
        """Whether it succeeded, as it should."""
        changed = self.world.changes != held.changes
        text = f"{held.form.text}: {doing} ends in {found}"
        if found != "ok":
            may = REFUSALS if changed or held.form.kind.readonly else set()
            assert found in may, f"{text} {self.message}, due: ok{' or a refusal' if may else ''}"
            return False
        assert not isinstance(now, str), f"{text}, due: a refusal, for {now}"
        assert now is None or now.shape == held.shape, f"{text}, but its shape is {now.shape} now, not {held.shape}"
        return now is not None

    def part(self, held, rng):
        """(view or None, its positions)."""
        every = range(len(held.cache))
        if rng.random() < 0.4 or not held.shape:
            return None, every
        if rng.random() < 0.15:
            return held.vw.memcache[0:0], range(0)
        subscript, positions = region(held.shape, rng.randrange(2**40))
        view = held.vw.memcache[subscript]
        return (view, positions) if isinstance(view, memoryview) else (None, every)

    # ---- reading

    def refresh(self, held, rng):
        view, positions = self.part(held, rng)
        now = self.now(held)
        found = self.outcome(held.form, "refreshing", lambda: held.vw.refresh(view))
        if self.judge(held, found, now, f"refreshing {len(positions)} of {len(held.cache)}"):
            values = as_held(held, now)
            for at in positions:
                held.cache[at] = values[at]
        elif found == "ok":
            held.cache = flat_of(held)
        self.check_cache(held, "after a refresh")
        return found

    def read(self, held, rng):
        now, got = self.now(held), []
        found = self.outcome(held.form, "reading", lambda: got.append(held.vw.read()))
        if self.judge(held, found, now, "reading"):
            same(np.asarray(got[0]).reshape(-1).tolist(), as_held(held, now), f"{held.form.text}: what was read")
        return found

    # ---- writing

    def update(self, held, rng, beyond=False):
        view, positions = self.part(held, rng)
        return self.written(held, rng, positions, lambda: held.vw.update(view), "updating", beyond)

    def beyond(self, held, rng):
        """One number that leads nowhere."""
        return self.update(held, rng, beyond=True)

    def write(self, held, rng):
        return self.written(held, rng, range(len(held.cache)), lambda: held.vw.write(np.array(np.asarray(held.vw.memcache))),
                            "writing", False)

    def written(self, held, rng, positions, use, doing, beyond):
        kind, now = held.form.kind, self.now(held)
        if not isinstance(now, spec.Result) or now.shape != held.shape:
            if kind.topology:  # what would be written is anyone's guess
                return "left out"
            found = self.outcome(held.form, doing, use)
            self.judge(held, found, now, doing)
            return found
        if now.readonly:
            return "read only"
        watched = self.slots(kind, held.form.props)
        place = {key_of(slot): at for at, slot in enumerate(watched)}
        before = [slot.read() for slot in watched]
        expected = before[:]
        limit = limits(kind)
        new = self.poked(held, rng, now, positions, limit, beyond)
        for at, value in new.items():
            np.asarray(held.vw.memcache).flat[at] = held.cache[at] = value
            slot = now.slots[at]
            expected[place[key_of(slot)]] = spec.to_format(value, slot.format)
        for at in positions:
            if now.slots[at] is not None:
                expected[place[key_of(now.slots[at])]] = spec.to_format(held.cache[at], now.slots[at].format)
        differs = any(held.cache[at] != as_held(held, now)[at] for at in positions)
        refused = self.is_beyond(held, now, positions, limit)
        found = self.outcome(held.form, doing, use)
        text = f"{held.form.text}: {doing} {len(positions)} of {len(held.cache)} {list(positions)[:8]}"
        after = [slot.read() for slot in self.slots(kind, held.form.props)]
        if refused and found in ("ok", "ValueRangeError"):
            assert found == "ValueRangeError", f"{text} ends in {found}, due: ValueRangeError"
        elif found == "ValueRangeError" and "loop_start" in held.form.props and differs:
            pass  # faces must follow each other
        elif self.judge(held, found, now, doing):
            same(after, expected, f"{text}: values after it")
        if found != "ok":
            same(after, before, f"{text} was refused, but has written")
        self.check_cache(held, "after an update")
        if kind.topology:
            for slot, old, new_ in zip(watched, before, after):
                if old != new_:
                    slot.write(old)
        if found == "ValueRangeError":  # so that the next use is not refused, too
            for at, value in enumerate(as_held(held, now)):
                np.asarray(held.vw.memcache).flat[at] = held.cache[at] = value
        elif found == "ok" and positions and {"co", "vector"} & {*held.form.props} and rng.random() < 0.4:
            self.check_bounds(text)
        return found

    def poked(self, held, rng, now, positions, limit, beyond):
        """position -> another value, of some of those; one of them beyond what it may be."""
        alike, new, first = rng.random() < 0.2, {}, {}
        for at in positions:
            slot = now.slots[at]
            if slot is not None and (alike or rng.random() < 0.6):
                value = self.value(rng, slot, limit(slot))
                value = first.setdefault((slot.prop.type, slot.index), value) if alike and limit(slot) is None else value
                new[at] = spec.to_format(value, held.vw.format)
        some = [at for at in positions if now.slots[at] is not None and (
            limit(now.slots[at]) is not None or now.slots[at].prop.type == "ENUM")] if beyond and now.format in "iq" else ()
        if some:
            at = rng.choice(some)
            new[at] = rng.choice((-1, 1000, 2**31 - 1, limit(now.slots[at]) or 77))
        return new

    @staticmethod
    def is_beyond(held, now, positions, limit):
        """Whether something of it is none that it may be."""
        last = {key_of(now.slots[at]): at for at in positions if now.slots[at] is not None}
        for at in positions:
            slot, value = now.slots[at], held.cache[at]
            if slot is None or (slot.prop.identifier == "loop_start" and last[key_of(slot)] != at):
                continue  # how faces follow each other is judged by what they have in the end
            if limit(slot) is not None and not 0 <= value < limit(slot):
                return True
            if slot.prop.type == "ENUM" and int(value) not in [item.value for item in slot.prop.enum_items]:
                return True
        return False

    @staticmethod
    def value(rng, slot, limit=None):
        """One that its storage holds exactly."""
        kind = slot.prop.type
        if kind == "BOOLEAN":
            return rng.random() < 0.5
        if kind == "ENUM":
            return rng.choice([item.value for item in slot.prop.enum_items])
        if kind == "INT":
            return rng.randrange(5 if limit is None else max(1, limit))
        low, high = max(getattr(slot.prop, "hard_min", -9), -9), min(getattr(slot.prop, "hard_max", 9), 9)
        return rng.randrange(int(4 * low), int(4 * high) + 1) / 4

    def slots(self, kind, names):
        """All numbers of these properties, of everything of the kind."""
        found = []
        for struct in kind.owners(self.world):
            for name in names:
                try:
                    found += spec.evaluate(struct, (name,)).slots
                except (spec.ExpressionError, spec.SpecificationGap):
                    continue  # no such custom property
        return found

    @staticmethod
    def check_bounds(text):
        bpy.context.view_layer.update()
        for ob in bpy.data.objects:
            if ob.type == "MESH" and len(ob.data.vertices) and not any(one.show_viewport for one in ob.modifiers):
                least = np.min([tuple(one.co) for one in ob.data.vertices], axis=0)
                found = np.min([tuple(corner) for corner in ob.bound_box], axis=0)
                assert np.allclose(found, least), f"{text}: bounds of {ob.name} begin at {found}, not {least}"


def key_of(slot):
    """The number in Blender, as long as nothing changes but values."""
    return slot.owner.object.as_pointer(), slot.prop.identifier, slot.index


def limits(kind):
    """slot -> how many there are of what its number names, or None."""
    if kind.topology is None:
        return lambda slot: None
    if not kind.name.startswith("numbers"):
        return lambda slot: len(getattr(slot.owner.object.id_data, kind.topology))
    known = {}
    for mesh in bpy.data.meshes:
        for name, among in ((".corner_vert", mesh.vertices), (".corner_edge", mesh.edges)):
            if name in mesh.attributes:
                known.update((one.as_pointer(), len(among)) for one in mesh.attributes[name].data)
    return lambda slot: known.get(slot.owner.object.as_pointer())


def as_held(held, now):
    """In the wrapper's format: custom properties may have become others since enter."""
    return [spec.to_format(value, held.vw.format) for value in now.values()]


def flat_of(held):
    return np.asarray(held.vw.memcache).reshape(-1).tolist()
