# tests/blender/fresh.py: a session that knows nothing: no discovery result, nothing proven, no trails
import contextlib
import tempfile


@contextlib.contextmanager
def undiscovered():
    """Within, nobody has found out where values lie, and nothing is proven."""
    import rnaslicer
    from rnaslicer import discovery
    from rnaslicer.layout import proof
    from rnaslicer.transfer import trails

    def forget():
        discovery.forget()
        proof.forget()
        trails.forget_all()

    before = rnaslicer.configure()["cache_directory"]
    with tempfile.TemporaryDirectory() as folder:
        rnaslicer.configure(cache_directory=folder)
        forget()
        try:
            assert discovery.known() is None
            yield
        finally:
            rnaslicer.configure(cache_directory=before)
            forget()


def forget_proofs():
    """As in a session that begins; what a discovery run found stays known."""
    from rnaslicer.blender import lists
    from rnaslicer.layout import proof
    from rnaslicer.transfer import trails
    for kept in (proof, lists):
        kept.forget()
    trails.forget_all()
