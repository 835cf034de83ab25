# runtime/rnaslicer/inspection/page.py: one self-contained HTML file of all kernels, readable without script.
"""Folds by `<details>`, joins the columns by colour and, where the browser knows `:has`, by hovering."""

import os
import tempfile
from html import escape

from .chart import chart
from .info import kernels
from .listing import asm_text, harmless
from .stored import describe
from .summary import HEAD, cells, rows
from .texts import counted, size
from .verdict import prediction, verdict

_LARGEST = 950_000  # bytes of the page
_BUDGETS = (100_000, 30_000, 12_000, 5_000, 0)  # characters of IR and of assembly of one code
_COLORS = 12  # that lines of the plan take in turn


def report(path, which=None, history=None):
    """Writes the page: of all kernels in memory, or of those given; with the chart of a history."""
    infos = kernels() if which is None else list(which)
    for budget in _BUDGETS:
        page = _page(infos, history, budget, in_memory=which is None)
        if len(page.encode()) <= _LARGEST:
            break
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".html")
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)  # whole or not at all
    except BaseException:
        os.unlink(temporary)
        raise


def _page(infos, history, budget, in_memory):
    body = [f"<h1>{counted(len(infos), 'kernel')}</h1>"]
    body.append(_overview() if in_memory else _contents(infos))
    if history is not None and (drawn := chart(history)):
        body.append(f"<h2>Speed over size</h2>{drawn}")
    body += [_kernel(info, budget) for info in infos]
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>rnaslicer kernels</title>'
            f'<meta name="viewport" content="width=device-width"><style>{_style()}</style>'
            f'<main>{"".join(body)}</main></html>')


def _overview():
    lines = ["".join(f"<th>{name}" for name in HEAD)]
    for row in rows():
        style = "" if row.compiled else ' class="off"'
        texts = list(map(escape, map(str, cells(row))))
        if row.kernel:
            texts[8] = f'<a href="#k{row.kernel.signature}">{texts[8]}</a>'
        lines.append(f"{style}>" + "".join(f"<td>{text}" for text in texts))
    head, *rest = lines
    return f'<div class="wide"><table><tr>{head}' + "".join(f"<tr{line}" for line in rest) + "</table></div>"


def _contents(infos):
    """The table of kernels of which only code is known."""
    rows = []
    for info in infos:
        cycles = next((code.prediction.per_element for code in info.codes if code.prediction), None)
        cells = (info.tier, ", ".join(dict.fromkeys(code.direction for code in info.codes)), size(info.bytes),
                 "" if cycles is None else f"{cycles:.2f}")
        name = harmless(info.expressions[0] if info.expressions else describe(info.plan))
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}" for cell in cells)
                    + f'<td><a href="#k{info.signature}">{info.signature}</a><td>{escape(name)}')
    head = "".join(f"<th>{name}" for name in ("tier", "compiled", "bytes", "cycles", "signature", "what it moves"))
    return f'<div class="wide"><table><tr>{head}{"".join(rows)}</table></div>' if rows else ""


def _kernel(info, budget):
    names = info.expressions
    title = escape(harmless(names[0] if names else describe(info.plan)))
    codes = "".join(_code(info, code, budget) for code in info.codes)
    return (f'<details class="kernel" id="k{info.signature}"><summary>{title} '
            f"<small>{info.signature} {escape(info.tier)}</small></summary>"
            f"<pre>{escape(harmless(verdict(info)))}</pre>{codes or '<p>Nothing is compiled.'}</details>")


def _code(info, code, budget):
    listing = code.listing
    plan = [(n, text) for n, text in enumerate(listing.plan, 1)]
    loop = [one for one in listing.asm if one.part == "loop"] or listing.asm
    rest = [one for one in listing.asm if one.part != "loop"] if listing.loop else []
    asm = _lines([(one.line, asm_text(one)) for one in loop], budget)
    if rest:
        asm += (f"<details><summary>{counted(len(rest), 'instruction')} before and after the main loop</summary>"
                f"{_lines([(one.line, asm_text(one)) for one in rest], budget)}</details>")
    ir = _lines([(one.line, one.text) for one in listing.ir], budget)
    return (f'<details open class="code"><summary>{escape(code.name)}: {escape(prediction(code))}</summary>'
            f'<div class="columns"><div><h4>Plan</h4>{_lines(plan, 10**6)}</div>'
            f'<div><h4>IR</h4>{ir}</div><div><h4>{"Main loop" if listing.loop else "Assembly"}</h4>{asm}</div></div>'
            "</details>")


def _lines(lines, budget):
    """Neighbours of one plan line in one block of that line's colour; what is beyond the budget is counted."""
    blocks, spent = [], 0
    for i, (number, text) in enumerate(lines):
        text = harmless(text)
        spent += len(text)
        if spent > budget:
            blocks.append((0, [f"… {counted(len(lines) - i, 'more line')}"]))
            break
        if blocks and blocks[-1][0] == number:
            blocks[-1][1].append(text)
        else:
            blocks.append((number, [text]))
    return "".join(f'<pre class="l c{number % _COLORS} n{min(number, 40)}">' + escape("\n".join(texts)) + "</pre>"
                   if number else f'<pre class="l">{escape(chr(10).join(texts))}</pre>' for number, texts in blocks)


def _style():
    colors = "".join(f".c{i}{{--h:{i * 150 % 360}}}" for i in range(_COLORS))
    joined = ",".join(f".code:has(.n{n}:hover) .n{n}" for n in range(1, 41))
    series = "".join(f".s{i}{{--h:{i * 67 + 10}}}" for i in range(6))
    return """
:root{color-scheme:light dark;--text:#1c1e21;--back:#fff;--edge:#d6d9de;--soft:#5d6570;--s:65%;--l:91%;--m:38%}
@media(prefers-color-scheme:dark){:root{--text:#e4e6ea;--back:#16181c;--edge:#363b44;--soft:#9aa3af;--s:38%;--l:19%;--m:66%}}
body{margin:0;background:var(--back);color:var(--text);font:15px/1.45 system-ui,sans-serif}
main{max-width:110rem;margin:auto;padding:1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem}h4{margin:.2rem 0;color:var(--soft);font-weight:600}
pre{margin:0;font:12.5px/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.kernel{border:1px solid var(--edge);border-radius:6px;margin:.6rem 0;padding:.4rem .8rem}
.kernel>pre{margin:.5rem 0;padding:.5rem;border-left:3px solid var(--edge)}
summary{cursor:pointer;overflow-wrap:anywhere}.kernel>summary{font:600 13px ui-monospace,monospace}
small,.off,.off a{color:var(--soft)}
.code{margin:.5rem 0}.code summary{color:var(--soft)}
.columns{display:grid;grid-template-columns:minmax(12rem,1fr) minmax(20rem,3fr) minmax(20rem,2.4fr);gap:.8rem;align-items:start}
@media(max-width:70rem){.columns{grid-template-columns:1fr}}
.l{padding:0 .4rem;border-left:4px solid transparent}
[class*=" c"].l{background:hsl(var(--h) var(--s) var(--l));border-color:hsl(var(--h) 55% 50%)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid var(--edge);white-space:nowrap}
td:nth-last-child(-n+2),th:nth-last-child(-n+2){text-align:left;font-family:ui-monospace,monospace;font-size:12.5px}
a{color:inherit}svg{width:100%;max-width:60rem}svg text{fill:var(--soft);font-size:11px}
.grid{stroke:var(--edge)}path.memcpy{fill:none;stroke:var(--soft);stroke-width:2}
circle{fill:hsl(var(--h) 70% var(--m))}.keys{font-size:13px;overflow-wrap:anywhere}.key{margin-right:1rem}
.key::before{content:"";display:inline-block;width:.7em;height:.7em;margin-right:.4em;border-radius:50%;
background:hsl(var(--h) 70% var(--m))}.key.memcpy::before{background:var(--soft);border-radius:0;height:.2em;vertical-align:middle}
""" + colors + series + joined + "{outline:2px solid hsl(var(--h) 70% var(--m));outline-offset:-1px}"
