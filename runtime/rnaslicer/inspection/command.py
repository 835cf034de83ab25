# runtime/rnaslicer/inspection/command.py: the command line: kernels, show, diff, report, clear.
"""`python3 -m rnaslicer …` without Blender, `blender --command rnaslicer …` with it. Shows what the disk
cache holds, and prepares it (discover); colours on a terminal only, and none where NO_COLOR is set."""

import argparse
import datetime
import importlib.util
import json
import os
import sys

from .. import discovery
from ..discovery import run
from ..errors import SlicerError
from .compare import diff
from . import cache_info, clear_cache, configure
from .listing import harmless
from .page import report
from .stored import describe, stored_kernels
from .texts import counted, size, table
from .verdict import prediction, verdict
from .views import Ansi, Plain, as_json, asm_view, ir_text, linked_text, plan_text

_SORTS = {"used": lambda kernel: -kernel.modified, "signature": lambda kernel: kernel.signature,
          "tier": lambda kernel: kernel.tier, "bytes": lambda kernel: -kernel.bytes,
          "cycles": lambda kernel: -_cycles(kernel)}


class Refused(Exception):
    """A request that cannot be met; its text says why."""


def main(arguments=None):
    """Runs a command line; returns the exit code."""
    try:
        options = _parser().parse_args(arguments)
        if options.cache:
            configure(cache_directory=os.path.abspath(options.cache))
        text = options.run(options)
        sys.stdout.write(text)
        sys.stdout.flush()
    except Refused as error:
        print(f"rnaslicer: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python complains at its end
    except OSError as error:
        print(f"rnaslicer: {error}", file=sys.stderr)
        return 1
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="rnaslicer", description="Shows the compiled kernels in the disk cache.")
    parser.add_argument("--cache", metavar="FOLDER", help="another cache folder than the user's")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, run, words):
        one = commands.add_parser(name, help=words, description=words)
        one.set_defaults(run=run)
        return one
    one = command("kernels", _kernels, "table of all kernels on disk")
    one.add_argument("--sort", choices=_SORTS, default="used")
    one.add_argument("--json", action="store_true", help="for programs")
    one = command("show", _show, "one kernel: verdict, plan and main loop, or what is asked for")
    one.add_argument("signature", help="its first digits suffice")
    for name, words in (("plan", "the access plan"), ("ir", "LLVM IR"), ("asm", "assembly with bytes"),
                        ("linked", "plan, IR and assembly joined"), ("mca", "predicted cycles of the main loops"),
                        ("all", "prologue and tail unfolded"), ("json", "for programs")):
        one.add_argument(f"--{name}", action="store_true", help=words)
    one = command("diff", _diff, "what differs between two kernels")
    one.add_argument("one", metavar="A")
    one.add_argument("other", metavar="B")
    one = command("report", _report, "one self-contained HTML file of all kernels")
    one.add_argument("file", metavar="FILE.html")
    command("clear", _clear, "deletes the kernels on disk")
    one = command("discover", _discover, "finds out how this Blender stores its data, once for each Blender (needs Blender)")
    one.add_argument("--again", action="store_true", help="also where it is known already")
    one.add_argument("--limit", type=float, default=run.LIMIT, metavar="SECONDS", help="of the processor")
    return parser


def style(stream=None):
    """How to write to a stream: with colours if it is a terminal and NO_COLOR is not set."""
    stream = stream or sys.stdout
    return Ansi() if stream.isatty() and not os.environ.get("NO_COLOR") else Plain()


def _kernels(options):
    found, refused = stored_kernels()
    found.sort(key=_SORTS[options.sort])
    if options.json:
        return json.dumps({"kernels": [as_json(kernel) for kernel in found], "refused": refused,
                           "directory": cache_info()["directory"]}, indent=1) + "\n"
    info = cache_info()
    lines = []
    if found:
        rows = [(kernel.signature, kernel.tier, ", ".join(dict.fromkeys(_short(code) for code in kernel.codes)),
                 size(kernel.bytes), _time(kernel), "" if not _cycles(kernel) else f"{_cycles(kernel):.2f}",
                 describe(kernel.plan) + ("" if kernel.current else "  [other version]")) for kernel in found]
        head = ("signature", "tier", "compiled", "on disk", "last used", "cycles", "what it moves")
        first, *rest = table(head, rows, right=(3, 5))
        lines = [style().head(first), *rest]
    lines.append(f"{counted(len(found), 'kernel')}, {size(info['disk_bytes'])} in {harmless(info['directory'])}")
    if info["disk_trouble"]:
        lines.append(harmless(info["disk_trouble"]))
    if refused:
        lines.append(f"{counted(refused, 'file')} there: damaged or not ours; ignored, and never run")
    return "\n".join(lines) + "\n"


def _short(code):
    return code.direction + ("+stream" if code.streaming else "")


def _time(kernel):
    try:
        return datetime.datetime.fromtimestamp(kernel.modified).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):  # the file's owner may set any
        return "?"


def _cycles(kernel):
    """Of the first code that has a prediction, for one element; 0 where there is none."""
    return next((code.prediction.per_element for code in kernel.codes if code.prediction), 0.0)


def _find(prefix):
    if not prefix:
        raise Refused("which kernel? `kernels` lists their signatures")
    found = [kernel for kernel in stored_kernels()[0] if kernel.signature.startswith(prefix.lower())]
    found = [kernel for kernel in found if kernel.current] or found
    if not found:
        raise Refused(f"no kernel on disk begins with {harmless(prefix)!r}; `kernels` lists what there is")
    signatures = sorted({kernel.signature for kernel in found})
    if len(signatures) > 1:
        shown = ", ".join(signatures[:8])
        raise Refused(f"{harmless(prefix)!r} is the beginning of {len(signatures)} signatures: {shown}"
                      f"{', ...' if len(signatures) > 8 else ''}")
    return found


def _one(text):
    """A kernel by signature; `SIGNATURE:TIER` where there are several tiers of it."""
    prefix, _, tier = text.partition(":")
    found = _find(prefix)
    chosen = [kernel for kernel in found if kernel.tier == tier] if tier else found
    if not chosen:
        raise Refused(f"{found[0].signature} is there for {', '.join(kernel.tier for kernel in found)} only")
    return max(chosen, key=lambda kernel: kernel.modified)


def _show(options):
    kernel, how = _one(options.signature), style()
    if options.json:
        return json.dumps(as_json(kernel, texts=True), indent=1) + "\n"
    wanted = [text for name, text in (
        ("plan", plan_text), ("linked", lambda k, s: linked_text(k, s, options.all)), ("ir", ir_text),
        ("asm", asm_view), ("mca", _mca)) if getattr(options, name)]
    if not wanted:
        wanted = [lambda k, s: verdict(k), plan_text, lambda k, s: linked_text(k, s, options.all)]
    return "\n".join(text(kernel, how) for text in wanted)


def _mca(kernel, how):
    return "".join(f"{how.head(code.name)}: {prediction(code)}\n" for code in kernel.codes)


def _diff(options):
    how = style()
    text = diff(_one(options.one), _one(options.other), how)
    if not isinstance(how, Ansi):
        return text
    colors = {"-": 31, "+": 32, "@": 36}
    return "".join(f"\x1b[{colors[line[0]]}m{line}\x1b[0m\n" if line[:1] in colors else f"{line}\n"
                   for line in text.splitlines())


def _report(options):
    found, _ = stored_kernels()
    report(options.file, found)
    return f"{counted(len(found), 'kernel')} in {harmless(options.file)}, {size(os.path.getsize(options.file))}\n"


def _discover(options):
    if importlib.util.find_spec("bpy") is None:
        raise Refused("discover looks at a Blender: blender --command rnaslicer discover")
    if discovery.folder() is None:
        raise Refused("the disk cache is off, so what is found could not be kept")
    if discovery.known() is None or options.again:
        try:
            discovery.discover(options.limit, quiet=True)
        except SlicerError as error:
            raise Refused(str(error)) from error
    return f"{discovery.report().summary()}\nkept in {harmless(discovery.folder())}\n"


def _clear(_options):
    before = cache_info()
    clear_cache(memory=False, disk=True)
    after = cache_info()
    if after["disk_files"]:
        raise Refused(f"{after['disk_files']} files could not be deleted in {harmless(after['directory'])}")
    return f"{counted(before['disk_files'], 'file')} deleted, {size(before['disk_bytes'])} freed\n"
