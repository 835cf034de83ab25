# addon/menu.py: Text Editor > Templates > Python > RNA Slicer: the recipes of docs/cookbook.md.

import functools
import os

import bpy

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")


@functools.lru_cache(maxsize=None)
def recipes():
    """(title, path) of each, by title: what the cookbook calls it, which is its first line."""
    found = []
    for entry in os.scandir(FOLDER):
        if entry.name.endswith(".py"):
            with open(entry.path, encoding="utf-8") as file:
                found.append((file.readline().lstrip("# ").rstrip(), entry.path))
    return sorted(found)


class RNASLICER_MT_templates(bpy.types.Menu):
    bl_label = "RNA Slicer"

    def draw(self, _context):
        # Not path_menu: it takes file names for titles.
        for title, path in recipes():
            shown = self.layout.operator("text.open", text=title, translate=False)
            shown.filepath, shown.internal = path, True


def draw_entry(menu, context):
    if getattr(context, "path_menu_directory", None) is None:  # Blender draws its own subfolders by the same menu
        menu.layout.menu(RNASLICER_MT_templates.__name__)


def register():
    bpy.utils.register_class(RNASLICER_MT_templates)
    bpy.types.TEXT_MT_templates_py.append(draw_entry)


def unregister():
    bpy.types.TEXT_MT_templates_py.remove(draw_entry)
    bpy.utils.unregister_class(RNASLICER_MT_templates)
