# runtime/rnaslicer/discovery/child/by_values.py: storage found by the values of many elements.
"""For what cannot be assigned. `probe` is who asks (probe.py): it says which candidate's bytes bpy reads."""

from . import match
from .handle import fields
from .memory import block_size, pointers
from ..found import SIZE
from ...blender.sdna import sdna

ASSIGNED = 3  # elements that must have a pointer before what it points to is looked at
CANDIDATES = 24  # coincidences that are worth a poke


def matched(probe, handles, value):
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
        if hop is not None and not probe.own_targets(handles, hop):
            continue
        memories = [h.memory(hop) for h in handles]
        if all(memories):
            found += _matches(probe, handles, value, hop, list(zip(memories, read_values)))
    return found[0]._replace(how="matched") if len({f.storage for f in found}) == 1 else None


def _matches(probe, handles, value, hop, samples):
    # A pointer that is poked crashes whoever follows it.
    taboo = {at + i for memory, _ in samples[:ASSIGNED] for at, _ in pointers(memory) for i in range(8)}
    if value.type == "FLOAT":
        found = [f._replace(hop=hop) for f in match.numbers(samples, "FLOAT", value.count)
                 if f.offset not in taboo][:CANDIDATES]
        only = probe.only(handles, value, found)
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
            f = probe.sensitive(_two_states(handles, value), value, hop, samples, window, states=1)
            # Several bits that nobody set one by one: a getter that combines them.
            combined = f and f.decode == "flag" and any(m & (m - 1) for m in f.masks or (f.mask,))
            if f is not None and not combined and f not in result:
                result.append(f)
    return result


def uniform(probe, handles, value):
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
    found = probe.sensitive(handles, value, None, list(zip(memories, values)), sorted(plain), states=1)
    if found is None or found.decode != "flag" or found.mask & (found.mask - 1):
        return None
    alone = all(_alone(probe, h, value, found, plain) for h in handles[:2])
    return found._replace(how="poked") if alone else None


def _alone(probe, handle, value, found, plain):
    """Whether a bit is clear, and once it is set no other one nearby matters: else it may be part of a number
    that the getter compares with another."""
    word = fields(0, found.offset)[1]
    offsets = [at for at in word if at in plain]
    memory, usual = handle.memory(), value.read(handle.element)
    at = found.offset + (found.mask.bit_length() - 1) // 8
    bit = 1 << (found.mask.bit_length() - 1) % 8
    if memory[at] & bit or not probe.pokes.write(handle.address + at, bytes([memory[at] | bit])):
        return False
    try:
        matter = probe.pokes.bits_that_matter(handle.address, offsets, lambda: value.read(handle.element))
        return matter == [{at: bit}] and value.read(handle.element) != usual
    finally:
        probe.pokes.write(handle.address + at, memory[at : at + 1])


def _two_states(handles, value):
    """Two elements of different values."""
    first = handles[0]
    other = next((h for h in handles if value.read(h.element) != value.read(first.element)), first)
    return [first, other]
