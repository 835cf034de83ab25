# runtime/rnaslicer/supplier/embedded.py: datablocks that live in another one.
"""Node trees of materials, a scene's collection: bpy.data lists none of them."""

from ..errors import SupplierLostError
from .identity import Path, embedded, id_root
from .uids import main_collections, same

_MOST = 1024


def owned_path(id_):
    """The way to an ID by the one that an ID of that address lived in when such was last looked for, if it leads to it;
    else None."""
    root, name = embedded.get(id_.as_pointer(), (None, None))
    if root is None:
        return None
    try:
        owner = root.find()
        root.seen(owner)
        found = getattr(owner, name, None)
    except (SupplierLostError, ReferenceError):
        found = None
    if found is not None and same(found, id_):
        return Path(root).attr(name)
    return None


def embedded_path(id_):
    """The way to an ID that lives in another one of bpy.data, or None. bpy does not tell the owner."""
    if not id_.is_embedded_data:
        return None
    for name, owners in embedding():
        for owner in owners:
            found = getattr(owner, name, None)
            if found is not None and same(found, id_):
                root = id_root(owner)
                if len(embedded) >= _MOST:
                    embedded.clear()
                embedded[id_.as_pointer()] = root, name
                return Path(root).attr(name)
    return None


def embedding():
    """(property, list of IDs in bpy.data): where datablocks live in others."""
    for _, collection in main_collections():
        for name in ("node_tree", "collection"):
            if len(collection) and name in collection[0].bl_rna.properties:
                yield name, collection
