# runtime/rnaslicer/transfer/choice.py: which route a leaf takes.
"""Asked at enter, and again when storage has changed."""

import functools
import math

from .. import discovery
from ..basis.later import later
from ..basis.records import replace
from .direct import DirectRoute
from .element import ElementRoute
from .foreach import ArrayRoute, EnumRoute, ForeachRoute, agreed
from ..layout.proof import layout, proven
from ..blender.rna import COMPUTED_WHEN_ASKED, find
from .routes import EmptyRoute, check_derivable
from .scripts import calls_scripts
from ..supplier.several import Members, Several

_groups, _places_in_groups = later("transfer.groups"), later("layout.groups")  # of scripts' properties
_OWN = {}  # leaves with a way of their own -> what makes their route, by routes of what they are made of

_suits = None  # own/apart.py

_WORTH_DISCOVERING = 256  # elements; below, nobody waits for bpy's own calls


def hand_in(**routes):
    """More ways of their own, by `moved_by` (assembly.py)."""
    _OWN.update(routes)


def hand_in_apart(suits):
    """Whether native code may follow a list or table of datablocks one by one, given leaf and layout (assembly.py)."""
    global _suits
    _suits = suits


def choose(leaf, view, direct=True):
    """The fastest proven route of a leaf; without `direct` the fastest through bpy's own calls."""
    route, why = _chosen(leaf, view, direct)
    route.why = why or _of_parts(route)
    return route


def _of_parts(route):
    """Why what it is made of takes another route than direct: of which, and why that."""
    slow = next((one for one in route.parts() if one.name != "direct"), None)
    if slow is None:
        return ""
    return slow.why if slow.name == route.name else (slow.name, slow.why)


def _chosen(leaf, view, direct):
    """The route, and why it is not direct."""
    if leaf.moved_by:
        why = leaf.moved_by if leaf.moved_by in ("custom", "instances") else ""
        return _OWN[leaf.moved_by](leaf, view, functools.partial(choose, direct=direct)), why
    if not math.prod(leaf.axes):
        return EmptyRoute(leaf, view), "nothing"
    if leaf.derived:
        check_derivable(leaf, leaf.path.follow())
    if leaf.rows is None:
        bulk = leaf.property.dynamic and leaf.property.value != "b1"
        return (ArrayRoute(leaf, view) if bulk else ElementRoute(leaf, view)), "struct"
    coll = leaf.path.follow()
    found = _direct(leaf, view, coll) if direct else None
    if found is not None:
        return found, found.written_by()
    why = _why(leaf) if direct else "changed"
    if isinstance(leaf.path, Several):
        return ElementRoute(leaf, view), why
    if leaf.rows.length >= _WORTH_DISCOVERING and discovery.wanted() and direct:
        found, why = _direct(leaf, view, coll), _why(leaf)
        if found is not None:
            return found, found.written_by()
    if not ForeachRoute.agrees(leaf, coll):
        return ElementRoute(leaf, view), why
    if leaf.property.type == "ENUM" and (leaf.property.raw is not None or leaf.property.is_flag):
        items = find(coll[0].bl_rna, leaf.property.identifier).enum_items
        return (EnumRoute(leaf, view, items) if items else ElementRoute(leaf, view)), why
    return ForeachRoute(leaf, view), why


def _direct(leaf, view, coll):
    """The direct route, or None."""
    found = layout(leaf, coll, view)
    if found is not None and leaf.property.runtime and isinstance(found.place, _places_in_groups.Groups):
        return _groups.GroupRoute(leaf, view, found) if _groups.GroupRoute.agrees(leaf, coll, found) else None
    direct = found and DirectRoute(leaf, view, found)
    if not leaf.alike or isinstance(leaf.path, Several) or not leaf.path.root.in_main or None in coll.values() or (
            direct and view.strides is not None):
        return direct
    # scene.objects: neither array nor list of the datablocks. Others are, and native code follows those, too, like this.
    apart = replace(leaf, path=Members(leaf.path))
    better = layout(apart, apart.path.follow())
    return DirectRoute(apart, view, better) if better and (direct is None or _suits(leaf, better)) else direct


def _why(leaf):
    if leaf.property.identifier in COMPUTED_WHEN_ASKED:
        return "computed"
    if leaf.property.runtime and calls_scripts(leaf):
        return "script"
    if discovery.known() is None:
        return "undiscovered"
    return "alone" if leaf.rows.length == 1 and not isinstance(leaf.path, Several) else "unproven"


def chosen():
    """(path key, route, layout, proof) of everything that this session proved or compared; layout and proof are ''
    where bpy itself moves the values."""
    found = {key: ("direct", str(layout), layout.proof) for key, layout in proven()}
    for key, good in agreed():
        found.setdefault(key, ("foreach" if good else "element", "", ""))
    return [(key, *row) for key, row in found.items()]
