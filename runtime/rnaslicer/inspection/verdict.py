# runtime/rnaslicer/inspection/verdict.py: what runs, why, how often and how fast, in a few lines.
"""On top of every view. Nothing in it compiles or moves the user's data."""

from .reference import cycles_a_second, memcpy_rate
from .texts import counted, percent, rate, seconds, size

_ORIGINS = {"compiled": "compiled in {}", "disk": "loaded from disk in {}", "memory": "found in memory"}
_MOST_EXPRESSIONS = 5


def verdict(info):
    """Text of a `KernelInfo` or a stored kernel."""
    lines = list(info.expressions[:_MOST_EXPRESSIONS])
    if len(info.expressions) > _MOST_EXPRESSIONS:
        lines.append(f"and {len(info.expressions) - _MOST_EXPRESSIONS} more expressions")
    lines += info.reasons
    lines += _which(info)
    if trouble := getattr(info, "trouble", ""):
        lines.append(f"interpreted, not compiled: {trouble}")
    for entry in (info.refresh, info.update):
        if text := work(entry):
            lines.append(text)
        if entry.calls and not entry.codes and not trouble:
            lines.append(f"  {entry.direction}: interpreted, for too little was moved to be worth compiling")
    for code in info.codes:
        lines.append(f"  {code.name}: {_origin(code)}; {prediction(code)}")
    return "\n".join(lines) + "\n"


def _which(info):
    """The kernel, and what its figures are of."""
    if not info.signature:
        yield "no kernel of ours runs"
        return
    others = getattr(info, "others", 0)
    yield f"kernel {info.signature}" + (f"; figures with those of {counted(others, 'other expression')}" if others else "")
    if beside := getattr(info, "beside", ()):
        yield f"its parts have kernels of their own: {', '.join(beside)}"
    if getattr(info, "idle", False):
        yield ("bpy fills the whole cache itself, the kernel is for regions and updates: rnaslicer.history() measures all of "
               "a transfer")
    elif info.calls and info.reasons and not any(one.startswith("direct") for one in info.reasons):
        yield "its figures are without bpy's calls: rnaslicer.history() measures all of a transfer"


def work(entry):
    """Calls, bytes and times of one direction; '' if it never ran."""
    if not entry.calls:
        return ""
    name = entry.direction
    if not entry.seconds:
        return f"{name}: {counted(entry.calls, 'call')} without anything to move"
    times = entry.times
    text = (f"{name}: {counted(entry.calls, 'call')}, {size(entry.bytes)}, {seconds(entry.seconds)} in all, "
            f"{seconds(entry.seconds / entry.calls)} mean")
    if times["slowest"]:
        text += (f", {seconds(times['fastest'])} fastest, {seconds(times['slowest'])} slowest, "
                 f"{seconds(times['last'])} last")
    text += f"; {rate(entry.bytes / entry.seconds)} on average"
    own, best = speed(entry)
    return text + (f", {rate(own)} at best: {percent(own, best)} of memcpy's {rate(best)}" if own else "")


def speed(entry):
    """(bytes a second of the best run, those of memcpy's best with as many bytes); (0, 0) if it never ran.
    Best beside best: what else the machine did meanwhile must not look like the kernel's fault."""
    nbytes, spent = entry.best
    return (nbytes / spent, memcpy_rate(nbytes, nbytes / spent)) if nbytes and spent else (0.0, 0.0)


def _origin(code):
    if not code.compile_seconds:
        return f"on {code.origin}"  # seen there, not loaded
    return _ORIGINS.get(code.origin, code.origin).format(seconds(code.compile_seconds))


def prediction(code):
    """Cycles of the main loop, and what they would mean."""
    if code.listing.loop is None:
        calls = "a call of memcpy" if "@llvm.memcpy" in code.ir else "straight code"
        return f"{calls}, no loop to predict"
    found = code.prediction
    if found is None:
        return "LLVM has no model of this CPU to predict cycles with"
    text = (f"main loop {found.cycles:.3g} cycles for {found.elements:.3g} elements on {found.cpu}, "
            f"{found.per_element:.3g} an element")
    if clock := cycles_a_second():
        text += f"; from L1 {rate(found.bytes / found.cycles * clock)} at {clock / 1e9:.3g} GHz"
    return text
