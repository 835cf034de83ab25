# tests/blender/transfer/test_lists_zeros.py: the other zero, which some setters do not store
"""-0.0 equals 0.0, but its bits are others: an update leaves those that bpy's assignment leaves."""
import bpy
import numpy as np

from census_walk import numbers, properties_of
from support import plain
from test_lists_at_once import LISTS, difference, kept


def test_the_other_zero(kind):
    """Each element but the last, which bpy assigns in any case, gets -0.0: a setter that adds something stores 0.0."""
    from rnaslicer import Slicer, SlicerError
    make, list_of, _, _ = LISTS[kind]
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    owner, failed = make(), []
    for prop in properties_of(list_of(owner)[0].bl_rna).values():
        name, found = prop.identifier, []
        if prop.type != "FLOAT" or prop.is_readonly or not all(hasattr(one, name) for one in list_of(owner)):
            continue
        before = [kept(getattr(one, name)) for one in list_of(owner)]
        try:
            with Slicer(list_of(owner))[:, name] as vw:
                np.asarray(vw.memcache)[:-1] = -0.0
                rows = vw.memcache.tolist()
                vw.update()
        except SlicerError:
            continue
        found.append(plain([numbers(one, name)[1] for one in list_of(owner)]))
        for one, value in zip(list_of(owner), before):
            setattr(one, name, value)
        for one, row in zip(list_of(owner), rows):
            setattr(one, name, row)
        found.append(plain([numbers(one, name)[1] for one in list_of(owner)]))
        for one, value in zip(list_of(owner), before):
            setattr(one, name, value)
        if found[0] != found[1]:
            failed.append((name, difference(*found)))
    assert not failed, failed


test_the_other_zero.cases = {name: (name,) for name in LISTS}
