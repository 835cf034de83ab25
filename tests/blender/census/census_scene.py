# tests/blender/census/census_scene.py: a rich scene in memory, a piece of everything that holds numbers
"""`build(rng)` fills the current file from the pieces of census_geometry and census_settings, each a small function.

Where a version has no such data or names it otherwise, the piece asks (hasattr, VERSION) and builds what is
there. `evaluated(rng)` gives further roots that are not in bpy.data. Everything is built with bpy alone.
Whatever only has to be read or written stays out of the scene, so that nothing evaluates it.
"""
import bpy

from census_geometry import (actions, annotations, armatures, drivers_and_nla, grease_pencils, hair_curves, lattices,
                             meshes, metaballs, point_clouds, simple_data, splines)
from census_settings import (collections, constraints, images, line_styles, markers, materials, modifiers,
                             other_trees, palettes_and_masks, particle_emitter, physics, render_settings,
                             shader_trees, strips, texts, textures, worlds)


# Of which the pieces make one or two: copies, so that a list of several is walked.
SINGLES = ("annotations", "armatures", "grease_pencils", "grease_pencils_v3", "hair_curves", "lattices", "masks",
           "metaballs", "palettes", "pointclouds", "texts", "speakers", "volumes", "worlds", "actions", "brushes")


def build(rng):
    """All pieces; later ones use what earlier ones made."""
    for piece in (meshes, splines, lattices, metaballs, armatures, simple_data, actions, drivers_and_nla, hair_curves,
                  point_clouds, grease_pencils, annotations, shader_trees, other_trees, materials, textures, images,
                  worlds, palettes_and_masks, line_styles, collections, modifiers, constraints, physics, markers,
                  render_settings, strips, texts):
        piece(rng)
    for name in SINGLES:
        for block in list(getattr(bpy.data, name, ()))[:1]:
            for _ in range(3 - len(getattr(bpy.data, name))):
                block.copy()
    bpy.context.view_layer.update()


def evaluated(rng):
    """Objects of the evaluated scene: particles live there only."""
    ob = particle_emitter(rng)
    bpy.context.scene.frame_set(12)
    return [ob.evaluated_get(bpy.context.evaluated_depsgraph_get())]
