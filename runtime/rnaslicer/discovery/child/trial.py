# runtime/rnaslicer/discovery/child/trial.py: what assigning does beside storing the value.

from . import colors, match
from ...blender.sdna import sdna
from .handle import tags
from .memory import read
from ..found import SIZE


def writes(probe, handles, value, found):
    """True if assigning changes the value's own bits only, and stores what the range allows."""
    for handle in handles:
        original = value.read(handle.element)
        try:
            if not all(_stores(probe, handle, value, found, flat) for flat in _trials(probe, value)):
                return False
        finally:
            value.write(handle.element, original)
        if handle.element.as_pointer() != handle.address:
            return False
    return True


def _trials(probe, value):
    if value.type == "ENUM" and not value.is_flag:
        yield from value.all_items()[:40]
    for _ in range(3):
        yield value.random(probe.rng)
    yield from value.beyond(probe.rng)
    yield from value.far()  # some ranges are each element's own


def _stores(probe, handle, value, found, flat):
    places = [handle.around, (handle.address, handle.size)]
    if found.hop is not None:
        places.append(handle.place(found.hop))
    before = [read(*p) for p in places]
    if None in before or not value.write(handle.element, flat):
        return False
    own = own_bits(handle, found)
    if handle.is_datablock:
        own |= {handle.address + at: 0xFF for at in tags()}
    for (address, _), old, new in zip(places, before, [read(*p) for p in places]):
        if new is None:
            return False
        if any(mask & ~own.get(address + at, 0) for at, mask in match.changed(old, new).items()):
            return False
    if found.decode in ("lookup", "unorm"):
        return colors.stored(handle, found, flat, probe.tables)
    return match.stores(found, handle.memory(found.hop), value.clamped(flat))


def own_bits(handle, found):
    """Address of each byte of the value -> mask of its bits."""
    base, own = handle.place(found.hop)[0] + found.offset, {}
    for i, step in enumerate(found.steps):
        size = SIZE[found.scalar]
        mask = found.masks[i] if found.masks else found.mask if found.decode in ("flag", "field") else -1
        for at, byte in enumerate((mask & (1 << 8 * size) - 1).to_bytes(size, "little")):
            own[base + step + at] = own.get(base + step + at, 0) | byte
    return own


def tagging(pokes, element):
    """"class of ID type.property" of an element's floats whose assignment tags the ID for evaluation. An ID without
    users bpy may leave alone, so this one gets one."""
    owner, field = element.id_data, sdna() and sdna().structs["ID"].fields.get("recalc")
    owner.use_fake_user = True
    for prop in element.bl_rna.properties if field else ():
        if prop.type == "FLOAT" and not prop.is_readonly and _tags(pokes, owner, field, element, prop.identifier):
            yield f"{type(owner).__name__} {element.bl_rna.identifier}.{prop.identifier}"


def _tags(pokes, owner, field, element, name):
    address = owner.as_pointer() + field.offset
    before = read(address, field.size)
    if before is None or not pokes.write(address, bytes(field.size)):
        return False
    try:
        setattr(element, name, getattr(element, name))
        return any(read(address, field.size))
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return False
    finally:
        pokes.write(address, bytes(a | b for a, b in zip(before, read(address, field.size))))
