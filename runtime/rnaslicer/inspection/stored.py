# runtime/rnaslicer/inspection/stored.py: kernels on disk, seen without running or compiling anything.
"""A file in the cache is a stranger's: the checksum and the owner are checked in C++ (jit/disk_cache.hpp),
the key is taken apart strictly here, the plan must verify and have the signature that the name says."""

from __future__ import annotations

import re

from .. import _core
from .listing import Code, harmless

_TIERS = ("baseline", "avx2", "avx512")
_KEY = re.compile(r"rnaslicer (?P<version>[\w.]{1,32}) code (?P<code>[0-9a-f]{16})\n"
                  r"llvm (?P<llvm>[\w.]{1,32}) tier (?P<tier>\w+) cpu [\w.-]{1,64} features [\w,.+-]*\n"
                  r"entry (?P<symbol>rnaslicer_(?P<signature>[0-9a-f]{16})_(?P<direction>refresh|update)"
                  r"(?P<stream>_stream)?)\n(?P<plan>plan 1\n.*)", re.S)


class StoredEntry:
    """One direction of a kernel on disk: its code; it never ran in this process."""

    calls = bytes = 0
    seconds = compile_seconds = 0.0
    best = (0, 0.0)
    times = {"fastest": 0.0, "slowest": 0.0, "last": 0.0}

    def __init__(self, direction, codes):
        self.direction, self.codes = direction, [code for code in codes if code.direction == direction]

    @property
    def listing(self):
        """That of the plain code."""
        return self.codes[0].listing if self.codes else None


class StoredKernel:
    """What the disk holds of one signature in one version and tier; shown as `KernelInfo` is."""

    route, origin, trouble = "", "disk", ""
    calls = 0
    seconds = 0.0

    def __init__(self, signature, plan, version, llvm, current):
        self.signature, self.plan = signature, plan
        self.version, self.llvm, self.current = version, llvm, current
        self.codes, self.bytes, self.modified = [], 0, 0

    @property
    def tier(self):
        """Instruction set of its code."""
        return self.codes[0].tier

    @property
    def expressions(self):
        """Files do not say which expression led to them: the plan in words."""
        return [describe(self.plan)]

    @property
    def reasons(self):
        """How current it is."""
        return [] if self.current else [f"made by another version ({self.version}, LLVM {self.llvm}): never run by this "
                                        "one"]

    @property
    def refresh(self):
        """Blender to cache."""
        return StoredEntry("refresh", self.codes)

    @property
    def update(self):
        """Cache to Blender."""
        return StoredEntry("update", self.codes)

    @property
    def listing(self):
        """That of the refresh entry, or of update where only that is there."""
        return self.refresh.listing or self.update.listing

    def __repr__(self):
        return f"<kernel {self.signature} on disk, {self.tier}, {self.bytes} bytes>"


def stored_kernels():
    """([StoredKernel], how many files were refused)."""
    found, refused = _core.disk_kernels()
    kernels = {}
    for file in found:
        read = _read(file)
        if read is None:
            refused += 1
            continue
        key, code = read
        kernel = kernels.get(key)
        if kernel is None:
            signature, _, version, llvm, current, _ = key
            kernel = kernels[key] = StoredKernel(signature, code.plan, version, llvm, current)
        kernel.codes.append(code)
        kernel.bytes += file["bytes"]
        kernel.modified = max(kernel.modified, file["modified"])
    for kernel in kernels.values():
        kernel.codes.sort(key=lambda code: (code.direction, code.streaming))
    return list(kernels.values()), refused


def _read(file):
    key = _KEY.fullmatch(file["key"])
    if key is None or key["tier"] not in _TIERS or not file["file"].startswith(key["symbol"] + "-"):
        return None
    try:
        plan = _core.Plan(key["plan"])
    except ValueError:
        return None
    if plan.signature != key["signature"] or plan.text != key["plan"]:
        return None
    code = Code(plan.text, {"symbol": key["symbol"], "tier": key["tier"], "origin": "disk",
                            "streaming": key["stream"] is not None, "min_count": file["min_count"],
                            "ir": harmless(file["ir"]), "object": file["object"]})
    return (key["signature"], key["tier"], key["version"], key["llvm"], file["current"], key["code"]), code


def describe(plan):
    """The plan in some words: 'f32 x 3, stride 16 to 12'."""
    words = [line.split() for line in plan.splitlines()]
    first = {line[0]: line[1:] for line in reversed(words) if line}
    storage, format_ = " ".join(first.get("storage", ["?"])), first.get("format", ["?"])[0]
    text = storage if storage == format_ else f"{storage} as {format_}"
    lanes = sum(line[:1] == ["lane"] for line in words)
    if lanes != 1:
        text += f" x {lanes}"
    if loop := first.get("loop"):
        text += (f", stride {loop[2]} to {loop[4]}" if loop[0] == "strided" else f", {loop[0]} to stride {loop[4]}")
    if "transform" in first:
        text += ", through a matrix"
    if "through" in first:
        text += ", by indices"
    return text
