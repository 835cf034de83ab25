# tests/blender/lifetime/test_classes_unregistered.py: classes unregistered while the collections of theirs are still declared
"""Each in a Blender of its own (classes_unregistered.py), for reading a freed type ends it."""
import pathlib
import subprocess

import bpy

import rnaslicer


def survives(case):
    script = pathlib.Path(__file__).with_name("classes_unregistered.py")
    child = subprocess.run([bpy.app.binary_path, "-b", "--factory-startup", "--python-exit-code", "1", "--python", str(script),
                            "--", str(pathlib.Path(rnaslicer.__file__).parents[1]), case], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
    assert child.returncode == 0 and "SURVIVED" in child.stdout, f"{child.returncode}: {child.stdout[-3000:]}"


def test_unrelated_data():
    survives("unrelated")


def test_lists_of_groups():
    survives("lists")


def test_held_foreach():
    survives("foreach")


def test_held_foreach_of_preferences():
    survives("preferences")
