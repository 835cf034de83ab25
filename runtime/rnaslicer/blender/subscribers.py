# runtime/rnaslicer/blender/subscribers.py: who asked the message bus to hear of assignments to single structs.
"""bpy's assignment tells subscribers of the struct, of its type, and of its property in all structs of the type.
Where one assignment stands for many, those that subscribed to one of the others would not hear. bpy does not list
them; the bus is a list of keys that hangs on the window manager. Where, and where a key has its struct and its type,
is seen in each session by two subscriptions of our own to a scene's settings, which are ended at once."""

import array
import struct

from .. import _core
from ..basis.records import Record
from .sdna import sdna

_KEY, _BUS, _RUNTIME = 160, 96, 2048  # bytes that are searched


class Bus(Record):
    """Where the list's head is: pointers from the window manager on, then an offset. Offsets in a key."""

    hops: tuple
    head: int
    type_at: int
    data_at: int


_found = []  # the Bus, or None where it is not to be found, once looked for


def may_hear(addresses, types, told):
    """Whether somebody could have subscribed to one of the structs at `addresses` (int64), or to another of their
    `types` than `told`, so that they must be assigned each. True where that cannot be found out."""
    import bpy

    if not _found:
        try:
            _found.append(_find())
        except (AttributeError, RuntimeError, ValueError):  # restricted contexts
            return True
    if _found[0] is None:
        return True
    hops, head, type_at, data_at = _found[0]
    at = bpy.data.window_managers[0].as_pointer()
    for hop in hops:  # a live window manager's own: read plainly, for a call of the system costs more than the rest
        found = _core.follow_pointers(array.array("q", (at,)), hop)
        if found is None:
            return True
        at = found[0]
    kinds = array.array("q", [kind.bl_rna.as_pointer() for kind in set(types)])
    return _core.is_subscribed(at + head, 0, 8, type_at, data_at, addresses, kinds, told.bl_rna.as_pointer())


def known():
    """The list that holds what was found, once that was looked for: the Bus or None."""
    return _found


def forget():
    """Looks for the bus again at the next need; for tests."""
    _found.clear()


def _words(address, size):
    memory = _core.read_memory(address, size) if address > 4096 else None
    return struct.unpack(f"{size // 8}Q", memory) if memory else ()


def _find():
    """The Bus, or None where not exactly one place follows two subscriptions."""
    import bpy

    manager, scene = bpy.data.window_managers[0].as_pointer(), bpy.data.scenes[0]
    structs = scene.render.image_settings, scene.view_settings
    properties = structs[0].path_resolve("quality", False), structs[1].path_resolve("exposure", False)
    owner, seen = object(), [_heads(manager)]
    try:
        for prop in properties:
            bpy.msgbus.subscribe_rna(key=prop, owner=owner, args=(), notify=_nobody)
            seen.append(_heads(manager))
        buses = {bus for where in seen[2] for bus in _buses(where, *(one.get(where) for one in seen), structs)}
    finally:
        bpy.msgbus.clear_by_owner(owner)
    after = _heads(manager)
    (bus,) = [bus for bus in buses if after.get((bus.hops, bus.head)) == seen[0].get((bus.hops, bus.head))] or [None]
    return bus


def _nobody():
    """Nothing is told: the subscriptions end before anything is assigned."""


def _heads(manager):
    """(hops, offset) -> two words that may be a list's head, behind the window manager's pointers."""
    found = {}
    own = sdna().structs["wmWindowManager"].fields.values() if sdna() else ()
    for field in own:
        if not field.is_pointer or field.name not in ("message_bus", "runtime"):
            continue
        (first,) = _words(manager + field.offset, 8) or (0,)
        ways = [((field.offset,), first)]
        if field.name == "runtime":
            ways += [((field.offset, 8 * i), word) for i, word in enumerate(_most(first, _RUNTIME))
                     if 4096 < word < 1 << 47 and word % 8 == 0]
        for hops, at in ways:
            words = _most(at, _BUS)
            found.update({(hops, 8 * i): words[i : i + 2] for i in range(len(words) - 1)})
    return found


def _most(address, size):
    """As many words as there are, up to `size` bytes."""
    while size >= 16:
        words = _words(address, size)
        if words:
            return words
        size //= 2
    return ()


def _buses(where, before, one, two, structs):
    """The Bus at a place if a key came to its list each time, which has its struct and type in two words."""
    if before is None or one is None or not one[1] or not two[1] or two[0] != (before[0] or one[1]):
        return
    keys = [_most(ends[1], _KEY) for ends in (one, two)]
    if not all(len(key) > 1 for key in keys) or keys[0][:2] != (two[1], before[1]) or keys[1][:2] != (0, one[1]):
        return
    places = []
    for wanted in ([type(each).bl_rna.as_pointer() for each in structs], [each.as_pointer() for each in structs]):
        at = [8 * i for i, words in enumerate(zip(*keys)) if list(words) == wanted]
        if len(at) != 1:
            return
        places += at
    yield Bus(*where, *places)
