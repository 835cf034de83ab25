# tests/blender/model/model_script.py: random scripts for the model campaign, and how to make a failing one short
"""A script is a list of steps [name, a, b, c] with numbers below 2**30. What a step does to what follows from the
numbers and from what is there when it runs (model_steps.py), and one that makes no sense there does nothing: so a
script stays one when steps are taken away. No bpy here."""
import random

WEIGHTS = {
    "make": 14, "enter": 8, "leave": 4, "drop": 2, "poke": 8, "refresh": 20, "update": 22, "look": 2,
    "read_once": 6, "write_once": 6, "edit_once": 6,
    "new_mesh": 3, "new_keyed": 1, "new_curve": 1, "new_action": 1, "new_image": 1, "new_object": 2, "new_rig": 1, "assign_weight": 4,
    "remove": 3, "copy": 4, "rename": 2, "single_user": 1,
    "clear_geometry": 1, "add_elements": 4, "new_layer": 8, "remove_layer": 4, "rename_layer": 3, "scale_image": 1,
    "push": 8, "undo": 6, "redo": 4, "save": 1, "load": 1, "reset": 0.3, "link": 1, "reload": 1,
    "modifier": 4, "new_light": 1, "light_type": 2, "swap_layers": 3, "other_domain": 3, "script": 2, "build": 1,
    "new_pencil": 1, "drawing": 5, "new_material": 1, "node": 4, "instances": 8,
    "edit": 2, "leave_edit": 5, "evaluate": 5, "frame": 2, "render": 1, "switch_off": 1, "switch_on": 12,
    "write": 9, "verify": 3}

# The campaign of expressions (form_steps.py).
FORMS = {"form_series": 30, "form_use": 25, "form_leave": 2, "form_values": 8, "form_event": 14, "form_push": 2, "form_evaluate": 3,
         "form_focus": 2, "form_reset": 2}
UNDISCOVERED = "undiscovered"  # the rest of the script runs in a session without a discovery result


def generate(seed, length, weights=None):
    """The script of a seed; the same everywhere. Every other is of expressions, half of all are without a discovery result."""
    rng = random.Random(seed)
    weights = weights or (WEIGHTS, FORMS)[seed % 2]
    names = list(weights)
    steps = [[rng.choices(names, list(weights.values()))[0], *(rng.randrange(2**30) for _ in range(3))] for _ in range(length)]
    if weights is FORMS:
        steps[0][0] = "form_focus"
    mode = "form_" + UNDISCOVERED if weights is FORMS else UNDISCOVERED
    return [[mode, 0, 0, 0], *steps[:-1]] if seed // 2 % 2 else steps


def is_of_forms(script):
    return script[0][0].startswith("form_")


def shrink(script, fails, tries=150):
    """A shorter script that still fails: halves, quarters, … taken away as long as `fails(script)` says so."""
    parts, tried = 2, 0
    while len(script) > 1 and tried < tries:
        size = max(1, len(script) // parts)
        for start in range(0, len(script), size):
            shorter = script[:start] + script[start + size:]
            tried += 1
            if shorter and fails(shorter):
                script, parts = shorter, max(2, parts - 1)
                break
            if tried >= tries:
                return script
        else:
            if size == 1:
                break
            parts = min(len(script), parts * 2)
    return script
