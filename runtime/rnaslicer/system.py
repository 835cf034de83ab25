# runtime/rnaslicer/system.py: what the compiled part needs of a system, said before the loader says it in its way.
"""Every Python reads this file, also one that is too old for the rest."""

import os
import sys

PYTHON = (3, 11)
GLIBC = (2, 17)  # packages are refused whose symbols need more (cmake/package.py)

_NEEDS = "rnaslicer needs Linux on x86-64 with glibc %d.%d or later, and Python %d.%d or later" % (GLIBC + PYTHON)


def missing():
    """What keeps the compiled part from being loaded here, in one sentence; empty if nothing is known to."""
    found = _unfit()
    return _NEEDS + ": this is " + found if found else ""


def not_loaded(error):
    """The same for what only the loader could find out."""
    return "%s; this system seems to be one, yet the compiled part cannot be loaded: %s" % (_NEEDS, error)


def _unfit():
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    if not sys.platform.startswith("linux"):
        return "%s on %s" % ({"win32": "Windows", "darwin": "macOS"}.get(sys.platform, sys.platform), machine)
    if machine not in ("x86_64", "AMD64"):
        return "a processor of another kind, " + (machine or "unknown")
    if sys.maxsize < 2**32:
        return "a Python of 32 bits"
    if sys.version_info[:2] < PYTHON:
        return "Python %d.%d" % sys.version_info[:2]
    glibc = _glibc()
    if glibc is None:
        return "a Linux with another C library"
    if glibc < GLIBC:
        return "glibc %d.%d" % glibc
    return ""


def _glibc():
    """Its version as (major, minor), or None where the C library is another one."""
    try:
        name, version = os.confstr("CS_GNU_LIBC_VERSION").split()
        major, minor = version.split(".")[:2]
        return (int(major), int(minor)) if name == "glibc" else None
    except (AttributeError, OSError, ValueError):
        return None
