# tests/blender/known_discovery.py: what a discovery run finds, kept between test runs
import hashlib
import pathlib
import shutil
import time


def prepare_discovery(kept):
    """What a discovery run finds is there before the tests, so that direct routes on it are tested. Kept between
    runs in the folder `kept`, per build of Blender and state of the source that finds and confirms."""
    try:
        from rnaslicer import DiscoveryError, discovery
        from rnaslicer.discovery import store
    except ImportError:  # that is for the tests to say
        return
    source = hashlib.sha256()
    folder = pathlib.Path(discovery.__file__).parent
    for path in sorted([*folder.rglob("*.py"), *(folder.parent / "layout").glob("*.py")]):
        source.update(path.read_bytes())
    for old in pathlib.Path(kept).glob("*"):  # of older sources
        if time.time() - old.stat().st_mtime > 7 * 86400:
            shutil.rmtree(old, ignore_errors=True)
    kept = str(pathlib.Path(kept) / source.hexdigest()[:16])
    data = store.load_bytes(kept, discovery.build())
    if data is not None and store.decode(data, discovery.build()) is not None:
        store.save(discovery.folder(), discovery.build(), data)
        discovery.forget()
        return
    try:
        discovery.discover(limit=180)
    except DiscoveryError as error:  # test_discovery fails then; the others go on without
        print(f"WARNING {error}", flush=True)
    if (data := store.load_bytes(discovery.folder(), discovery.build())) is not None:
        store.save(kept, discovery.build(), data)
