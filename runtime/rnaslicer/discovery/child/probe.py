# runtime/rnaslicer/discovery/child/probe.py: finds a property's storage by assigning, watching and poking.
"""Runs in the throw-away child only. A property is assigned through bpy on several elements, and the
element's bytes are watched; what cannot be assigned is looked for by its values in many elements. A
candidate counts only if changing its bytes changes what bpy reads (memory.py)."""

import functools
import struct

from ...blender.sdna import sdna
from . import colors, match
from ..found import FORMAT, SIZE
from .memory import block_size, pointers, read
from .values import Value, f32, same

ASSIGNED = 3  # elements that are assigned to
TRIED = 6  # elements on which assignments are compared with the storage
MATCHED = 40  # elements whose values are compared
CANDIDATES = 24  # coincidences that are worth a poke


@functools.cache
def fields(size, at):
    """Two ranges of byte offsets that may belong to one number with byte `at` of a struct of `size`
    bytes: what all DNA structs of that size agree in, and four bytes. What lies beside is better not
    poked: it may say of which type the element is."""
    start, stop, word = 0, size or at + 1, (at - at % 4, at - at % 4 + 4)
    for dna in sdna().by_size(size) if sdna() and size else ():
        for f in dna.fields.values():
            each = f.size // f.count
            if f.offset <= at < f.offset + f.size and each <= 8:
                first = f.offset + (at - f.offset) // each * each
                start, stop = max(start, first), min(stop, first + each)
    return (range(start, stop) if stop - start <= 8 else range(*word)), range(*word)


@functools.cache
def tags():
    """Offsets of the bytes in a datablock in which Blender notes what it has to evaluate anew: every
    assignment moves them."""
    id_ = sdna().structs.get("ID") if sdna() else None
    return [f.offset + i for f in (id_.fields.values() if id_ else ()) if f.name.startswith("recalc")
            for i in range(f.size)]


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
            found = self._matched(handles[:MATCHED], value)
            if found is None and readonly:
                found = self._uniform(handles[:MATCHED], value)
        if found is None:
            return None
        strides = {h.stride for h in handles if h.stride}
        found = found._replace(size=strides.pop() if len(strides) == 1 else 0)
        if not readonly and found.how == "written":
            found = found._replace(writes=self._writes(handles[:TRIED], value, found))
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
            if count == len(handles) and (hop is None or self._own_targets(handles, hop)):
                found = self._analysed(handles, value, hop)
                if found is not None:
                    return found
        return None

    def _own_targets(self, handles, hop):
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
            if value.write(handle.element, self._other(value, handle.element)):
                after = self._places(handle)
                moved |= {hop for hop, memory in after.items() if memory != before.get(hop, memory)}
        value.write(handle.element, original)
        return moved

    def _other(self, value, element):
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
        return [self._other(value, element) for _ in range(5)]

    def _floats(self, handles, value, hop, samples, moved):
        found = [f for f in match.numbers(samples, "FLOAT", value.count)
                 if all(any(f.offset + step + i in moved for i in range(SIZE[f.scalar])) for step in f.steps)]
        found = [f._replace(hop=hop) for f in found]
        if not found:
            return colors.find(self, handles, value, hop, moved)
        return self._only(handles, value, found)

    def _bits(self, handles, value, hop, samples, moved):
        """Numbers and flags: flip each bit near those that moved and see which ones matter."""
        # An INT's width shows in large values only; an enum's items all fit in what they need.
        for width in (1,) if value.type == "INT" else (0, 1):
            offsets = sorted({i for at in moved for i in fields(handles[0].place(hop)[1], at)[width]})[:64]
            found = self._sensitive(handles, value, hop, samples, offsets)
            if found is not None:
                return found
        return None

    def _sensitive(self, handles, value, hop, samples, offsets, states=2):
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

    # ---- by the values of many elements

    def _matched(self, handles, value):
        places = {None: len(handles)}
        for handle in handles[:ASSIGNED]:
            for hop, target in pointers(handle.memory() or b""):
                if block_size(target):
                    places[hop] = places.get(hop, 0) + 1
        read_values = [value.read(h.element) for h in handles]
        if any(v is None for v in read_values) or len(set(read_values)) < 2:
            return None
        found = []
        for hop, count in places.items():
            if hop is not None and (found or count < min(ASSIGNED, len(handles))):
                continue
            if hop is not None and not self._own_targets(handles, hop):
                continue
            memories = [h.memory(hop) for h in handles]
            if all(memories):
                found += self._matches(handles, value, hop, list(zip(memories, read_values)))
        return found[0]._replace(how="matched") if len({f.storage for f in found}) == 1 else None

    def _matches(self, handles, value, hop, samples):
        # A pointer that is poked crashes whoever follows it.
        taboo = {at + i for memory, _ in samples[:ASSIGNED] for at, _ in pointers(memory) for i in range(8)}
        if value.type == "FLOAT":
            found = [f._replace(hop=hop) for f in match.numbers(samples, "FLOAT", value.count)
                     if f.offset not in taboo][:CANDIDATES]
            only = self._only(handles, value, found)
            return [only] if only else []
        if value.count > 1 and value.type == "BOOLEAN":
            return []
        if value.type == "BOOLEAN":
            offsets = sorted({at for at, _, _ in match.bits(samples)} - taboo)
        else:
            offsets = sorted({f.offset for f in match.numbers(samples, value.type, value.count)} - taboo)
        result = []
        if len(offsets) <= CANDIDATES:
            for at in offsets:
                window = range(at, at + SIZE["i32"] * value.count)
                if value.count == 1:
                    window = fields(handles[0].place(hop)[1], at)[value.type == "INT"]
                f = self._sensitive(self._two_states(handles, value), value, hop, samples, window, states=1)
                # Several bits that nobody set one by one: a getter that combines them.
                combined = f and f.decode == "flag" and any(m & (m - 1) for m in f.masks or (f.mask,))
                if f is not None and not combined and f not in result:
                    result.append(f)
        return result

    def _uniform(self, handles, value):
        """A bit of an array's elements that nothing here sets (Particle.is_exist): flips all but those of pointers,
        by what is there and by what structs of that size have there."""
        first = handles[0]
        if value.type != "BOOLEAN" or value.count > 1 or not first.stride or not sdna():
            return None
        memories, values = [h.memory() for h in handles], [value.read(h.element) for h in handles]
        if not all(memories) or any(v != values[0] or v is None for v in values):
            return None
        plain = {f.offset + i for dna in sdna().by_size(first.stride) for f in dna.fields.values()
                 if not f.is_pointer for i in range(f.size)}
        plain -= {at + i for memory in memories for at, _ in pointers(memory) for i in range(8)}
        found = self._sensitive(handles, value, None, list(zip(memories, values)), sorted(plain), states=1)
        if found is None or found.decode != "flag" or found.mask & (found.mask - 1):
            return None
        alone = all(self._alone(h, value, found, plain) for h in handles[:2])
        return found._replace(how="poked") if alone else None

    def _alone(self, handle, value, found, plain):
        """Whether a bit is clear, and once it is set no other one nearby matters: else it may be part of a number
        that the getter compares with another."""
        word = fields(0, found.offset)[1]
        offsets = [at for at in word if at in plain]
        memory, usual = handle.memory(), value.read(handle.element)
        at = found.offset + (found.mask.bit_length() - 1) // 8
        bit = 1 << (found.mask.bit_length() - 1) % 8
        if memory[at] & bit or not self.pokes.write(handle.address + at, bytes([memory[at] | bit])):
            return False
        try:
            matter = self.pokes.bits_that_matter(handle.address, offsets, lambda: value.read(handle.element))
            return matter == [{at: bit}] and value.read(handle.element) != usual
        finally:
            self.pokes.write(handle.address + at, memory[at : at + 1])

    @staticmethod
    def _two_states(handles, value):
        """Two elements of different values."""
        first = handles[0]
        other = next((h for h in handles if value.read(h.element) != value.read(first.element)), first)
        return [first, other]

    # ---- by poking

    def _only(self, handles, value, candidates):
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

    # ---- what assigning does

    def _writes(self, handles, value, found):
        """True if assigning changes the value's own bits only, and stores what the range allows."""
        for handle in handles:
            original = value.read(handle.element)
            try:
                if not all(self._stores(handle, value, found, flat) for flat in self._trials(value)):
                    return False
            finally:
                value.write(handle.element, original)
            if handle.element.as_pointer() != handle.address:
                return False
        return True

    def _trials(self, value):
        if value.type == "ENUM" and not value.is_flag:
            yield from value.all_items()[:40]
        for _ in range(3):
            yield value.random(self.rng)
        yield from value.beyond(self.rng)
        yield from value.far()  # some ranges are each element's own

    def _stores(self, handle, value, found, flat):
        places = [handle.around, (handle.address, handle.size)]
        if found.hop is not None:
            places.append(handle.place(found.hop))
        before = [read(*p) for p in places]
        if None in before or not value.write(handle.element, flat):
            return False
        own = self.own_bits(handle, found)
        if handle.is_datablock:
            own |= {handle.address + at: 0xFF for at in tags()}
        for (address, _), old, new in zip(places, before, [read(*p) for p in places]):
            if new is None:
                return False
            if any(mask & ~own.get(address + at, 0) for at, mask in match.changed(old, new).items()):
                return False
        if found.decode in ("lookup", "unorm"):
            return colors.stored(handle, found, flat, self.tables)
        return match.stores(found, handle.memory(found.hop), value.clamped(flat))

    @staticmethod
    def own_bits(handle, found):
        """Address of each byte of the value -> mask of its bits."""
        base, own = handle.place(found.hop)[0] + found.offset, {}
        for i, step in enumerate(found.steps):
            size = SIZE[found.scalar]
            mask = found.masks[i] if found.masks else found.mask if found.decode in ("flag", "field") else -1
            for at, byte in enumerate((mask & (1 << 8 * size) - 1).to_bytes(size, "little")):
                own[base + step + at] = own.get(base + step + at, 0) | byte
        return own
