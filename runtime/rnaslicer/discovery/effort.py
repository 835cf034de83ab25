# runtime/rnaslicer/discovery/effort.py: what a child has used of the processor, and whether all of it sleeps
"""On a loaded machine the clock says nothing of a process; these do."""

import os


def effort(pid):
    """(processor seconds, True if each of its threads sleeps), or None where the system does not tell."""
    try:
        fields = _fields(f"/proc/{pid}/stat")
        states = [_fields(f"/proc/{pid}/task/{thread}/stat")[0] for thread in os.listdir(f"/proc/{pid}/task")]
        # Field 0 is the third of proc(5): the state; utime and stime follow.
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), all(s == b"S" for s in states)
    except (OSError, ValueError, IndexError):
        return None


def _fields(path):
    with open(path, "rb") as file:
        return file.read().rpartition(b")")[2].split()  # the name before it may hold anything
