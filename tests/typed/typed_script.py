# tests/typed/typed_script.py: what a type checker must accept of a script, and refuse. Checked, not run.
import array
from typing import Any

import rnaslicer
from rnaslicer import (ContextError, DiscoveryError, ExpressionError, KernelInfo, MemCache, ReadOnlyError, RegionError,
                       ShapeChangedError, Slicer, SlicerError, SupplierLostError, ValueRangeError, ViewWrapper,
                       assign_weights, cache_info, clear_cache, configure, discover, foreach_get, foreach_set, kernels)


def moves(mesh: Any) -> tuple[int, ...]:
    slicer = Slicer(mesh.vertices, dtype="f", ragged="flat")
    with slicer[10:200:3, "co", ("xxx", "yyy"), ::-1] as vw:
        view: ViewWrapper = vw
        cache: MemCache = view.memcache
        view.update()
        view.update(cache[10:20, :])
        view.refresh(cache[::2, 0])
        offsets: MemCache | None = view.offsets
        texts: list[str] = [view.format, view.kernel.route]
        flags: list[bool] = [view.readonly, view.alive]
        return view.shape if offsets and texts and flags else ()


def at_once(mesh: Any, out: bytearray) -> MemCache:
    vw: ViewWrapper = Slicer(mesh.vertices, dtype="f4")[:, "co", :]
    same: bytearray = vw.read(out)
    cache: MemCache = vw.read()
    vw.write(same)
    vw.write(cache)
    with vw.edit() as inside:
        entered: ViewWrapper = inside
        entered.memcache[...] = [1, 2, 3]
        changed: MemCache = inside.changes(cache[2:])
        inside.refresh(memoryview(out))
        vw.write(changed)
    opened: ViewWrapper = vw.open()
    opened.update()
    vw.close()
    foreach_get(mesh.vertices, "co", out)
    foreach_set(mesh.vertices, "co", [0.0, 1.0, 2.0])
    foreach_set(mesh.vertices, "co", cache)
    assign_weights(mesh, array.array("i", [1]), array.array("i", [0]), array.array("f", [0.5]), "ADD")
    return cache


def ragged(mesh: Any) -> list[float]:
    with Slicer(mesh.vertices, ragged="pad", width=4)[:, "groups", :, "weight"] as vw:
        length: int = vw.lengths[0]  # who says 'pad' need not ask whether it is there
        row: list[float] = vw.memcache[0, :length].tolist()
    return row


def looks(kernel: KernelInfo) -> list[str]:
    numbers: list[float] = [kernel.compile_seconds, kernel.seconds, kernel.calls, kernel.bytes]
    return [kernel.signature, kernel.plan, kernel.ir, kernel.asm, kernel.origin, kernel.route, str(numbers)]


def settings() -> dict[str, Any]:
    clear_cache(memory=True, disk=False)
    for kernel in kernels():
        looks(kernel)
    try:
        discover(limit=60, quiet=True)
        rnaslicer.discovery.allow(False)
    except DiscoveryError as error:
        print(error)
    return {**configure(jit=True), **cache_info(), "version": rnaslicer.__version__}


def is_known(error: SlicerError) -> bool:
    return isinstance(error, (ContextError, ExpressionError, ReadOnlyError, RegionError, ShapeChangedError,
                              SupplierLostError, ValueRangeError))


def refusals(mesh: Any) -> None:
    # Each line must be an error: the checker complains of an unneeded ignore otherwise.
    Slicer(mesh.vertices, ragged="round")  # type: ignore[arg-type]
    Slicer(mesh.vertices, size=3)  # type: ignore[call-arg]
    Slicer()  # type: ignore[call-arg]
    Slicer(mesh.vertices)[:].write()  # type: ignore[call-arg]
    Slicer(mesh.vertices)[:].shape = (1,)  # type: ignore[misc]
    Slicer(mesh.vertices)[:].edit().update()  # type: ignore[attr-defined]
    assign_weights(mesh, b"", b"", b"", "SUM")  # type: ignore[arg-type]
    rnaslicer.inspection.chart.no_such_name  # type: ignore[attr-defined]
