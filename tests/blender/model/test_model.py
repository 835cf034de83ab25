# tests/blender/model/test_model.py: 2000 random steps of events, reads and writes, against a plain Python model
"""A failure names its seed; `./run fuzz model` repeats it and makes it short (model_fuzz.py)."""
import tempfile

import model_script
from support import seed

SEQUENCES, LENGTH = 20, 100


def run(script, folder, say=lambda text: None):
    """A whole script; AssertionError where Blender, a wrapper and the model disagree, with the step's number."""
    from model_steps import Campaign
    campaign = Campaign(folder, say)
    for number, step in enumerate(script):
        try:
            campaign.step(step)
        except Exception as error:
            error.step = number
            raise
    campaign.finish()


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
