# addon/menu.py: Text Editor > Templates > Python > RNA Slicer: the recipes of docs/cookbook.md.

import os

import bpy

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")


class RNASLICER_MT_templates(bpy.types.Menu):
    bl_label = "RNA Slicer"

    def draw(self, _context):
        self.path_menu([FOLDER], "text.open", props_default={"internal": True},
                       filter_ext=lambda extension: extension.lower() == ".py")


def draw_entry(menu, context):
    if getattr(context, "path_menu_directory", None) is None:  # Blender draws its own subfolders by the same menu
        menu.layout.menu(RNASLICER_MT_templates.__name__)


def register():
    bpy.utils.register_class(RNASLICER_MT_templates)
    bpy.types.TEXT_MT_templates_py.append(draw_entry)


def unregister():
    bpy.types.TEXT_MT_templates_py.remove(draw_entry)
    bpy.utils.unregister_class(RNASLICER_MT_templates)
