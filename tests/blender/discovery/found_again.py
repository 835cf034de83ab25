# tests/blender/discovery/found_again.py: discovery runs in which Blender says at once what it was found to be before
"""To probe takes a quarter of a minute. What starts a run, reads what it says and keeps it is tested without; runs
that do probe are those of test_discover, of the window, of Blender's command and of known_discovery.py."""
import contextlib
import json
import pathlib
import sys
import tempfile
from unittest import mock


@contextlib.contextmanager
def found_again():
    """The child is Blender as ever, started as ever; gives what it will say, as `content` of a `Known`."""
    from rnaslicer import discovery
    from rnaslicer.discovery import run
    before = discovery.known()
    assert before is not None, "no discovery run has found anything in this Blender"
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "found_again.py")
        script.write_text(pathlib.Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
        script.with_suffix(".lines").write_text("".join(json.dumps(line) + "\n" for line in lines(before)), encoding="utf-8")
        with mock.patch.object(run, "CHILD", str(script)):
            yield content(before)


def content(known):
    """What can be compared of a `Known`."""
    return (dict(known.storages), known.lists, dict(known.tables), known.equivalents, known.complete, known.skipped)


def lines(known):
    """What a child says of it."""
    for name, values in known.tables.items():
        yield {"table": name, "values": values}
    for (element, name), several in known.storages.items():
        for found in several:
            yield {"found": [element, element, name, found]}
    for key in sorted(known.lists):
        yield {"list": key, "seen": True}
    for pair in sorted(known.equivalents):
        yield {"same": pair}
    yield {"end": True, "left": known.skipped}


def say():
    """The child."""
    package, output, _ = sys.argv[sys.argv.index("--") + 1:]
    sys.path.insert(0, package)
    from rnaslicer.discovery import store
    with open(output, "w", encoding="utf-8") as file:
        file.write(json.dumps({"build": store.running()}) + "\n")
        file.write(pathlib.Path(__file__).with_suffix(".lines").read_text(encoding="utf-8"))


if __name__ == "__main__":
    say()
