# tests/blender/package/test_templates.py: the recipes of the Text Editor's menu run as they stand.
# What they do is compared in test_cookbook.py; that they are the cookbook's, in tests/packaging/test_docs.py.
import importlib
import pathlib
import re
import unittest

import bpy
from test_addon import MODULE, FakePreferences
from test_cookbook import RECIPES

FOLDER = pathlib.Path(importlib.import_module(MODULE).__file__).parent / "templates"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))


def opened(name):
    """The code of a template, as the Text Editor opens it."""
    before = set(bpy.data.texts)
    bpy.ops.text.open(filepath=str(FOLDER / (name + ".py")), internal=True)
    (text,) = set(bpy.data.texts) - before
    assert not text.filepath and text.name == name + ".py", text
    return text.as_string()


def test_template(name):
    code = opened(name)
    if needs := re.search(r"^# For Blender (\d+)\.(\d+) and later", code, re.M):
        if bpy.app.version < tuple(map(int, needs.groups())):
            raise unittest.SkipTest(needs[0])
    exec(compile(code, name + ".py", "exec"), {"__name__": "__main__"})


test_template.cases = {name: (name,) for name in NAMES}


def test_there_are_templates():
    assert len(NAMES) >= 20, NAMES


class FakeMenu:
    """A menu whose layout keeps what is drawn."""

    def __init__(self):
        self.layout, self.drawn = self, []

    def operator(self, name, **options):
        self.drawn.append((name, options, FakePreferences()))
        return self.drawn[-1][2]


def test_menu_lists_them():
    """By the cookbook's titles, and each opens its own file."""
    menu = FakeMenu()
    bpy.types.RNASLICER_MT_templates.draw(menu, bpy.context)
    titles = {recipe.name: recipe.title for recipe in RECIPES}
    for name, options, properties in menu.drawn:
        path = pathlib.Path(properties.filepath)
        assert name == "text.open" and properties.internal and path.parent == FOLDER
        assert options["text"] == titles.pop(path.stem), options
    assert not titles, titles
    texts = [options["text"] for _, options, _ in menu.drawn]
    assert texts == sorted(texts)
    drawn = bpy.types.TEXT_MT_templates_py.draw._draw_funcs
    assert [function.__module__ for function in drawn].count(MODULE + ".menu") == 1, drawn
