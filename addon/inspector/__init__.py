# addon/inspector/__init__.py: the tab "Kernels" in the Text Editor's sidebar.
"""`rows` holds what the list shows, `texts` the views that are open, `operators` the buttons, `panel` draws."""

import bpy

from . import operators, panel, rows, texts

CLASSES = (*rows.CLASSES, *operators.CLASSES, *panel.CLASSES)


def register():
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    rows.register()
    texts.register()


def unregister():
    texts.unregister()
    rows.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
