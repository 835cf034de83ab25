# runtime/rnaslicer/transfer/own/nothing.py: the trail of a collection that is empty.
"""`Slicer(ob.modifiers)[:, 'show_render']` of an object without any: native code follows the steps, compares the classes on
the way and asks whether the collection is empty still. Of which type its elements would be says its declaration, which is
another for no datablock of the kind. How full ones are moved is another trail's affair (entered/variants.py)."""

from ... import _core
from ...blender.registered import BUILT_IN, fixed_type
from ...blender.rna import COMPUTED
from ...layout.storage import FORMAT
from ...supplier.identity import Path
from ..described import around_writes, asks_first, drawing_in, passed_by
from ..laid import way_of
from ..scripts import is_built_in
from ..trails import remember
from ..writing.noticing import GEOMETRY
from . import listed
from .single import KnownSingle


def learn_nothing(key, path, view, routes):
    """Remembers the trail; None where native code could not follow, or which type the elements have is not declared."""
    way = key[1] is not None and not key[5] and way_of(key, path, view, routes)
    if not way or way[1] != slice(None) or view.strides is not None or view.offsets is not None:
        return None
    leaf, steps = routes[0].leaf, path.steps + way[0]
    if any(one.leaf.path.steps != steps or not _is_plain(one.leaf) for one in routes) or not leaf.path.root.in_main or (
            not steps or steps[-1][0] != "attr" or drawing_in(steps) is not None or asks_first(leaf.path)
            or any(what in COMPUTED for _, what in steps if type(what) is str)):
        return None
    coll, before = leaf.path.follow(), Path(leaf.path.root, steps[:-1]).follow()
    owner, declared = coll.id_data, fixed_type(type(before), before.bl_rna.properties.get(steps[-1][1]))
    passed = passed_by(leaf.path, steps)
    if len(coll) or owner is None or passed is None or declared is None or type(before).__module__ not in BUILT_IN or any(
            one.leaf.element != declared.identifier for one in routes):
        return None
    kinds, owners = (type(coll),), (type(owner),)
    # Where an update of nothing makes layers, or asks for their names, that is the routes' affair.
    writes = type(owner).__name__ not in GEOMETRY and not hasattr(owner, "user") and not any(
        one.leaf.property.readonly for one in routes)
    trail = _core.SingleTrail({
        "steps": steps, "passed": (*passed[:-1], None), "rows": slice(None), "element": None, "owner": type(before),
        "is_layers": False, "inner": tuple(view.shape), "format": FORMAT[view.scalar], "packed": True, "by_user": False,
        "derivable": None, "surface": None, "stays": False, "legs": (), **around_writes(leaf, owner),
        "list": {**listed.asked(leaf, kinds, "itself"), "script_bases": None}, "values": (), "owners": owners, "places": None,
        "picks": False, "alone": False, "nothing": True, "writes": writes})
    return remember(key, KnownSingle(trail, way[0], (), view, kinds, owners, passed, nothing=True))


def _is_plain(leaf):
    prop = leaf.property
    return not (leaf.moved_by or leaf.derived or prop.dynamic or prop.runtime) and is_built_in(leaf)
