# runtime/rnaslicer/transfer/writing/ready.py: layers and arrays of their own, before the first write.
"""Where Blender would damage its memory, or write into a copy as well (blender/hazards.py)."""

from ...blender.customdata import copies_on_write
from ...blender.hazards import FREESTYLE_MARK
from ...blender.names import attribute_at
from ...blender.sdna import sdna
from ...errors import ReadOnlyError
from ...layout.elsewhere import equivalent
from ...layout.places import UV_FLAGS, Attribute
from ...supplier.identity import Path
from ...supplier.several import Several
from .checks import topology
from .noticing import reassign
from .permission import translated
from .sharing import is_shared


def make_ready(leaf):
    """Between the checks of all leaves and the first write."""
    if leaf.element in OF_LAYERS:
        _ensure_layer(leaf)
        _unshare(leaf)
    if leaf.property.identifier == "use_freestyle_mark" and FREESTYLE_MARK.may_happen():
        _make_freestyle_layer(leaf)


def _make_freestyle_layer(leaf):
    """By an assignment of an element's own value: False, where the layer is missing, wherever it lands."""
    reached = leaf.path.follow()
    structs = reached if isinstance(leaf.path, Several) else [reached] if leaf.rows is None else reached[:1]
    for struct in structs:
        reassign(leaf, struct)


def _ensure_layer(leaf):
    """hazards.UV_FLAGS_WRITE: the flag's layer must be there before it is set on several corners; reading the flags
    as a collection creates it."""
    name = UV_FLAGS.get(leaf.property.identifier)
    if leaf.element != "MeshUVLoop" or name is None:
        return
    corners = leaf.path if leaf.rows is not None else Path(leaf.path.root, leaf.path.steps[:-1])
    flags = getattr(corners.follow().data, name, None)
    for _ in flags or ():
        break


# What the layers hold that Blender does not un-share by itself.
OF_LAYERS = {"MeshUVLoop", "Float2AttributeValue", "BoolAttributeValue", "MeshLoopColor", "MeshSkinVertex"}


def is_unlike_others(leaf):
    """Whether `make_ready` does more for a leaf than to touch the attribute that is the same layer."""
    import bpy

    if leaf.element == "MeshSkinVertex":
        return _may_share()
    if leaf.element == "MeshUVLoop" and leaf.property.identifier in UV_FLAGS:  # in 3.4 bits of the corners
        return UV_FLAGS[leaf.property.identifier] in bpy.types.MeshUVLoopLayer.bl_rna.properties
    return leaf.property.identifier == "use_freestyle_mark"


def has_name(leaf):
    """Whether what an update does depends on an attribute's name."""
    return leaf.element.endswith("AttributeValue")


def is_by_index(path):
    """Whether an index picks something of the datablock on the way: perhaps an attribute, of another name in each."""
    import bpy

    passed = (at for at in range(len(path.steps) + 1)
              if isinstance(Path(path.root, path.steps[:at]).follow(), bpy.types.ID))
    return any(kind == "item" for kind, _ in path.steps[max(passed, default=0):])


def _unshare(leaf):
    """hazards.UV_SHARED, SKIN_SHARED: where Blender does not give a collection an array of its own before it writes,
    a copy of the mesh, its evaluated mesh or an undo step would change, too."""
    corners = leaf.path if leaf.rows is not None else Path(leaf.path.root, leaf.path.steps[:-1])
    layer = getattr(corners.follow(), "data", None) if corners.steps else None
    kind = layer.bl_rna.identifier if layer is not None else None
    if kind in ("MeshUVLoopLayer", "MeshLoopColorLayer"):
        attribute = attribute_at(layer)
        if attribute is None:
            _check_own(leaf, layer)
        elif len(attribute.data):
            attribute.data[0].as_pointer()
    elif kind == "MeshSkinVertexLayer":
        _check_own(leaf, layer)


def _check_own(leaf, layer):
    try:
        reason = is_shared(layer) and ("its array is shared with a copy, the evaluated mesh or an undo step, and "
                                       "Blender gives it none of its own")
    except LookupError as error:
        reason = str(error)
    except (AttributeError, RuntimeError) as error:  # no scratch meshes in a restricted context
        raise translated(error, leaf, 0, 1) from error
    if reason:
        raise ReadOnlyError(f"cannot update {leaf.path}: {reason}, so the write would reach them; nothing "
                            "was written")


def is_touched(leaf, owner):
    """Whether the attribute that is the same layer is touched before a write, so that Blender un-shares it. Else nothing
    is shared; of drawings touching an element does."""
    return leaf.element in OF_LAYERS and not type(owner).__name__.startswith("Grease") and _may_share()


def _may_share():
    """Whether layers may share their arrays, as far as is known."""
    return sdna() is None or copies_on_write()


NO_LAYER = {"name": None, "other": None, "data_type": None, "domain": None}


def named_layer(leaf, coll):
    """The layer that holds a leaf's values by its name, which nothing else may have before an update: what native code
    reads of it, with a second name that it may have until Blender has made one. None where nothing can be told."""
    place, _ = equivalent(leaf.element, leaf.property.identifier) or (None, None)
    names = place.named(coll) if isinstance(place, Attribute) and place.default is not None else ()
    if names is None:
        return None
    name, other = (*names, None, None)[:2]
    return {"name": name, "other": other, "data_type": place.data_type, "domain": place.domain} if name else NO_LAYER


def is_assigned(leaf, reached, asks_names=True, readies=False, divides=False, leads=False):
    """Whether an update is bpy's assignment, after what native code asks, and no more. asks_names: nobody looks whether
    another layer has the name of the one that holds the value. readies: native code touches the attribute that is the
    same layer. divides: it looks at numbers that divide geometry. leads: at those that index some."""
    place, _ = equivalent(leaf.element, leaf.property.identifier) or (None, None)
    indexed = topology(leaf, reached)
    return (not leaf.property.readonly and not (asks_names and getattr(place, "default", None) is not None)
            and (indexed is None or divides or leads and indexed != "") and not is_unlike_others(leaf)
            and (divides or (readies or leaf.element not in OF_LAYERS)
                 and not (has_name(leaf) and (not readies or is_by_index(leaf.path))))
            and leaf.element != "VertexGroupElement")
