# tests/blender/model/test_model.py: 2000 random steps of events, reads and writes, against a plain Python model
"""A failure names its seed; `./run fuzz model` repeats it and makes it short (model_fuzz.py)."""
import collections
import tempfile

import model_script
from support import seed

SEQUENCES, LENGTH = 20, 100


def run(script, folder, say=lambda text: None):
    """A whole script; AssertionError where Blender, a wrapper and the model disagree, with the step's number."""
    from form_steps import Expressions
    from model_steps import Campaign
    campaign = (Expressions if model_script.is_of_forms(script) else Campaign)(folder, say)
    try:
        for number, step in enumerate(script):
            try:
                campaign.step(step)
            except Exception as error:
                error.step = number
                raise
        campaign.finish()
    finally:
        campaign.close()
    return campaign.tally


def test_random_events():
    number = seed()
    print(f"RNASLICER_SEED={number}", flush=True)
    with tempfile.TemporaryDirectory(prefix="rnaslicer-model-") as folder:
        for sequence in range(SEQUENCES):
            own = number + sequence
            print(f"        model seed {own}", flush=True)
            try:
                run(model_script.generate(own, LENGTH), folder)
            except Exception as error:
                raise AssertionError(f"model seed {own}, step {getattr(error, 'step', 'last')}: {error}; made short by "
                                     f"./run fuzz model VERSION --only --seed {own} --length {LENGTH}") from error


# Steps that make elements, layers and classes others, and what shows that they met wrappers that were entered.
CHANGES = {"make": 20, "enter": 10, "refresh": 20, "update": 20, "new_layer": 8, "modifier": 8, "new_light": 3, "light_type": 8,
           "swap_layers": 6, "other_domain": 8, "rename_layer": 4, "script": 10, "build": 3, "node": 4, "new_mesh": 1}
TAKEN = ("modifier", "light_type", "swap_layers", "other_domain", "rename_layer", "script", "build", "node",
         "attribute: others, as many, while entered", "light: others, as many, while entered",
         "modifiers: others, as many, while entered", "script, class unregistered", "script, nothing: ok", "script, add: ok",
         "script, clear: ", "script, remove: ", "script, move: ", "script, add and remove: ")


def test_changes_are_taken():
    """Each of the events is there and does something, also to what is entered, whatever the weights of the campaign."""
    taken = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="rnaslicer-model-") as folder:
        for number in range(20):
            taken += run(model_script.generate(500 + number, 100, CHANGES), folder)
    missing = [name for name in TAKEN if not any(found.startswith(name) for found in taken)]
    assert not missing, (missing, dict(taken))
    print(f"        {dict(sorted(taken.items()))}", flush=True)
