# runtime/rnaslicer/supplier/embedded.py: datablocks that live in another one.
"""Node trees of materials, a scene's collection: bpy.data lists none of them."""

from .identity import Path, id_root
from .uids import main_collections, same

def embedded_path(id_):
    """The way to an ID that lives in another one of bpy.data, or None. bpy does not tell the owner."""
    if not id_.is_embedded_data:
        return None
    for name, owners in embedding():
        for owner in owners:
            found = getattr(owner, name, None)
            if found is not None and same(found, id_):
                return Path(id_root(owner)).attr(name)
    return None


def embedding():
    """(property, list of IDs in bpy.data): where datablocks live in others."""
    for _, collection in main_collections():
        for name in ("node_tree", "collection"):
            if len(collection) and name in collection[0].bl_rna.properties:
                yield name, collection
