# runtime/rnaslicer/supplier/embedded.py: datablocks that live in another one.
"""Node trees of materials, a scene's collection: bpy.data lists none of them."""

from .identity import Path, id_root, main_collections, same


def embedded_path(id_):
    """The way to an ID that lives in another one of bpy.data, or None. bpy does not tell the owner."""
    if not id_.is_embedded_data:
        return None
    for _, collection in main_collections():
        if not len(collection):
            continue
        for name in ("node_tree", "collection"):
            if name not in collection[0].bl_rna.properties:
                continue
            for owner in collection:
                found = getattr(owner, name, None)
                if found is not None and same(found, id_):
                    return Path(id_root(owner)).attr(name)
    return None
