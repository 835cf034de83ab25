# runtime/rnaslicer/discovery/child/probe.py: finds a property's storage by assigning, watching and poking.
"""Runs in the throw-away child only. A property is assigned through bpy on several elements, and the
element's bytes are watched; what cannot be assigned is looked for by its values in many elements. A
candidate counts only if changing its bytes changes what bpy reads (memory.py)."""

import struct

from . import by_values, colors, match, trial
from .handle import fields
from ..found import FORMAT, SIZE
from .memory import block_size, pointers, read
from .values import Value, f32, same

ASSIGNED = 3  # elements that are assigned to
TRIED = 6  # elements on which assignments are compared with the storage
MATCHED = 40  # elements whose values are compared


class Probe:
    """Probes one property of one element type after the other."""

    def __init__(self, pokes, rng, tables):
        self.pokes, self.rng, self.tables = pokes, rng, tables
        self.datablocks = set()  # addresses of all IDs

    def find(self, handles, name, readonly):
        """The `Found` of a property, or None where nothing is unambiguous."""
        value = Value(handles[0].element.bl_rna, name)
        if not 0 < value.count <= 64 or value.type == "ENUM" and not value.items:
            return None
        found = None
        if not readonly:
            found = self._written(handles[:ASSIGNED], value)
        if found is None and all(h.sure for h in handles):  # no stranger's bytes are poked
            found = by_values.matched(self, handles[:MATCHED], value)
            if found is None and readonly:
                found = by_values.uniform(self, handles[:MATCHED], value)
        if found is None:
            return None
        strides = {h.stride for h in handles if h.stride}
        found = found._replace(size=strides.pop() if len(strides) == 1 else 0)
        if not readonly and found.how == "written":
            found = found._replace(writes=trial.writes(self, handles[:TRIED], value, found))
        return found

    # ---- by assigning

    def _written(self, handles, value):
        """Assign to each element, see which bytes of it, or behind one of its pointers, move."""
        hops = {None: 0}
        for handle in handles:  # where does anything change at all?
            moved = self._moved_places(handle, value)
            for hop in moved:
                hops[hop] = hops.get(hop, 0) + 1
        for hop, count in sorted(hops.items(), key=lambda item: -1 if item[0] is None else item[0]):
            if count == len(handles) and (hop is None or self.own_targets(handles, hop)):
                found = self._analysed(handles, value, hop)
                if found is not None:
                    return found
        return None

    def own_targets(self, handles, hop):
        """A pointer that several elements share leads to no value of theirs; one to a datablock leads
        to another kind of thing in the next element (an object's data)."""
        targets = [h.place(hop)[0] for h in handles]
        return len(handles) > 1 and len(set(targets)) == len(targets) and not self.datablocks & set(targets)

    def _moved_places(self, handle, value):
        original = value.read(handle.element)
        if original is None:
            return set()
        before = self._places(handle)
        moved = set()
        for _ in range(4):
            if value.write(handle.element, self.other(value, handle.element)):
                after = self._places(handle)
                moved |= {hop for hop, memory in after.items() if memory != before.get(hop, memory)}
                if None in moved:  # what lies within comes first
                    break
        value.write(handle.element, original)
        return moved

    def other(self, value, element):
        """Random values that differ from what is there, if there are any."""
        now = value.read(element)
        for _ in range(8):
            other = value.random(self.rng)
            if other != now:
                break
        return other

    @staticmethod
    def _places(handle):
        """The bytes of the element (None) and behind each of its pointers (their offsets)."""
        mine = handle.memory()
        found = {None: mine}
        for hop, target in pointers(mine or b""):
            if not handle.address <= target < handle.address + handle.size:
                size = block_size(target)
                memory = size and read(target, size)
                if memory:
                    found[hop] = memory
        return found

    def _analysed(self, handles, value, hop):
        samples, moved = [], {}
        for handle in handles:
            original = value.read(handle.element)
            before = handle.memory(hop)
            if original is None or before is None:
                return None
            for flat in self._rounds(value, handle.element):
                if not value.write(handle.element, flat):
                    continue
                after, got = handle.memory(hop), value.read(handle.element)
                if after is None or got is None or len(after) != len(before):
                    return None
                samples.append((after, got))
                for at, mask in match.changed(before, after).items():
                    moved[at] = moved.get(at, 0) | mask
                before = after
            value.write(handle.element, original)
        if not moved or len({v for _, v in samples}) < 2:
            return None
        if value.type == "FLOAT":
            return self._floats(handles, value, hop, samples, moved)
        return self._bits(handles, value, hop, samples, moved)

    def _rounds(self, value, element):
        if value.type == "ENUM" and not value.is_flag:
            items = value.all_items()
            return [min(items), max(items), *self.rng.sample(items, min(len(items), 6))]
        if value.type == "BOOLEAN" and value.count == 1:
            return [(False,), (True,), (False,), (True,)]
        return [self.other(value, element) for _ in range(5)]

    def _floats(self, handles, value, hop, samples, moved):
        found = [f for f in match.numbers(samples, "FLOAT", value.count)
                 if all(any(f.offset + step + i in moved for i in range(SIZE[f.scalar])) for step in f.steps)]
        found = [f._replace(hop=hop) for f in found]
        if not found:
            return colors.find(self, handles, value, hop, moved)
        return self.only(handles, value, found)

    def _bits(self, handles, value, hop, samples, moved):
        """Numbers and flags: flip each bit near those that moved and see which ones matter."""
        # An INT's width shows in large values only; an enum's items all fit in what they need.
        for width in (1,) if value.type == "INT" else (0, 1):
            offsets = sorted({i for at in moved for i in fields(handles[0].place(hop)[1], at)[width]})[:64]
            found = self.sensitive(handles, value, hop, samples, offsets)
            if found is not None:
                return found
        return None

    def sensitive(self, handles, value, hop, samples, offsets, states=2):
        merged, resting = None, None
        for handle in handles[:2]:
            original = value.read(handle.element)
            for state in range(states):
                if states > 1 and value.type == "BOOLEAN":
                    value.write(handle.element, (bool(state),) * value.count)
                address, size = handle.place(hop)
                inside = [at for at in offsets if at < (size or 0)]
                matter = self.pokes.bits_that_matter(address, inside, lambda: value.read(handle.element))
                if merged is None:
                    merged = [{} for _ in matter]
                for mine, its in zip(merged, matter):
                    for at, mask in its.items():
                        mine[at] = mine.get(at, 0) | mask
                resting = handle.memory(hop), value.read(handle.element)
            if states > 1:
                value.write(handle.element, original)
        if not merged or resting[0] is None:
            return None
        found = match.from_bits(merged, value.type, value.count, resting)
        if found is None:
            return None
        found = found._replace(hop=hop)
        if value.type != "BOOLEAN" and found.decode == "plain":
            found = self._signed(handles[0], value, found)
        return found if match.explains(found, samples, value.type, value.count) else None

    def _signed(self, handle, value, found):
        """The sign of a number, asked of bpy."""
        size = SIZE[found.scalar]
        if value.type == "INT":
            address = handle.place(found.hop)[0] + found.offset
            got = self.pokes.moved(address, b"\xff" * size, lambda: value.read(handle.element))
            negative = got is not None and got[0] == -1
        else:
            negative = size > 1 or min(value.items.values()) < 0
        return found._replace(scalar=("i" if negative else "u") + str(8 * size) if size < 4 else "i32")

    # ---- by poking

    def only(self, handles, value, candidates):
        """The one candidate whose bytes bpy reads, or None."""
        causal = [f for f in candidates if all(self._causes(h, value, f) for h in handles[:2])]
        return causal[0] if len(causal) == 1 else None

    def _causes(self, handle, value, found):
        before = value.read(handle.element)
        if before is None:
            return False
        address = handle.place(found.hop)[0] + found.offset
        for i, step in enumerate(found.steps):
            other = f32(before[i] + 0.5 if abs(before[i]) < 1e6 else before[i] / 2)
            got = self.pokes.moved(address + step, struct.pack(FORMAT[found.scalar], other),
                                   lambda: value.read(handle.element))
            if not same(got, before[:i] + (other,) + before[i + 1 :]):
                return False
        return True
