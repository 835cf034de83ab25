# tests/memcache/typed_script.py: what a type checker must accept of a script, and refuse. Checked, not run.
from typing import Any

import rnaslicer
from rnaslicer import (ContextError, DiscoveryError, ExpressionError, KernelInfo, MemCache, ReadOnlyError, RegionError,
                       ShapeChangedError, Slicer, SlicerError, SupplierLostError, ValueRangeError, ViewWrapper,
                       cache_info, clear_cache, configure, discover, foreach_get, foreach_set, kernels)


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
    with vw.edit() as inside:
        inside.memcache[...] = [1, 2, 3]
    vw.open().update()
    vw.close()
    foreach_get(mesh.vertices, "co", out)
    foreach_set(mesh.vertices, "co", [0.0, 1.0, 2.0])
    return cache


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
