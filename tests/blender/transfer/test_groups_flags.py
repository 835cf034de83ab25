# tests/blender/transfer/test_groups_flags.py: bits of an enum's word that none of its items has, in tables of PropertyGroups
"""A file keeps what an older version of an add-on stored, whose enum had more items: bpy's getter hides the others' bits."""
import contextlib

import bpy
from fresh import undiscovered
from support import same

COUNT = 120
ITEMS = [(name, name, "", 1 << at) for at, name in enumerate("ABCD")]
NUMBERS = {name: number for name, _, _, number in ITEMS}


@contextlib.contextmanager
def registered(items):
    flags = bpy.props.EnumProperty(items=items, options={"ENUM_FLAG"})
    row = type("FlagRow", (bpy.types.PropertyGroup,), {"__annotations__": {"flags": flags}})
    bpy.utils.register_class(row)
    bpy.types.Collection.flag_rows = bpy.props.CollectionProperty(type=row)
    try:
        yield
    finally:
        del bpy.types.Collection.flag_rows
        bpy.utils.unregister_class(row)


def of(rows):
    return [sum(NUMBERS[name] for name in row.flags) for row in rows]


def check(homes):
    from rnaslicer import Slicer
    for _ in range(3):
        rows = homes[0].flag_rows
        for supplier, items, wanted in (
                (rows, (slice(None), "flags"), of(rows)), (rows, (slice(50, 70), "flags"), of(rows)[50:70]),
                (homes, (slice(None), "flag_rows", slice(None), "flags"), [of(one.flag_rows) for one in homes]),
                (list(rows), (slice(None), "flags"), of(rows))):
            with Slicer(supplier)[items] as vw:
                same(vw.memcache.tolist(), wanted, f"{items} at enter")
                vw.refresh()
                same(vw.memcache.tolist(), wanted, f"{items} refreshed")
                vw.refresh(vw.memcache[:11] if vw.memcache.ndim == 1 else vw.memcache[:, 55:65])
                same(vw.memcache.tolist(), wanted, f"{items}, a part refreshed")
                vw.update()
                vw.refresh()
                same(vw.memcache.tolist(), wanted, f"{items} updated")


def flags_that_nobody_has():
    homes = [bpy.data.collections.new(name) for name in "XYZ"]
    with registered(ITEMS):
        for home in homes:
            for at in range(COUNT):
                home.flag_rows.add().flags = {"A", "D"} if at == 60 else {"A", "C"}
        check(homes)
    with registered(ITEMS[:3]):
        assert homes[0].flag_rows[60].flags == {"A"}
        check(homes)


def test_flags_that_nobody_has():
    flags_that_nobody_has()


def test_flags_that_nobody_has_undiscovered():
    with undiscovered():
        flags_that_nobody_has()
