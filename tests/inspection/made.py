# tests/inspection/made.py: kernels and cache folders for the tests of what shows them.
import array
import contextlib
import io
import os
import tempfile

import rnaslicer
import rnaslicer._core as core
from rnaslicer.inspection import command

POSITIONS = ("plan 1\nstorage f32\nvalue f32\nformat f32\nloop strided source 16 cache 12\nlanes 3\n"
             "lane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n")
CLAMPED = ("plan 1\nstorage f32\nvalue f32\nclamp 0 1\nformat f64\nloop strided source 72 cache 8\nlanes\n"
           "lane 4 -> 0\n")
COPIED = "plan 1\nstorage f32\nvalue f32\nformat f32\nloop strided source 4 cache 4\nlanes\nlane 0 -> 0\n"


def signature(plan):
    return core.Plan(plan).signature


@contextlib.contextmanager
def cache_folder(**settings):
    """A cache of its own, empty, with the settings as before afterwards."""
    before = rnaslicer.configure()
    with tempfile.TemporaryDirectory() as scratch:
        folder = os.path.join(scratch, "kernels")
        rnaslicer.clear_cache()
        rnaslicer.configure(cache_directory=folder, disk_cache=True, jit=True, **settings)
        try:
            yield folder
        finally:
            rnaslicer.configure(**before)
            rnaslicer.clear_cache()


def run(plan, count=1000, update=True):
    """A kernel of the plan that ran in both directions."""
    kernel = core.Kernel(core.Plan(plan))
    source, cache = array.array("d", [0.5]) * (9 * count), array.array("d", [0]) * (9 * count)
    kernel.refresh(cache, source, (count,))
    if update:
        kernel.update(cache, source, (count,))
    return kernel


def info(plan):
    """`KernelInfo` of a plan's kernel in memory."""
    return next(one for one in rnaslicer.kernels() if one.signature == signature(plan))


def shell(*arguments):
    """(exit code, stdout, stderr) of a command line."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = command.main([str(a) for a in arguments])
        except SystemExit as leave:
            code = leave.code
    return code, out.getvalue(), err.getvalue()
