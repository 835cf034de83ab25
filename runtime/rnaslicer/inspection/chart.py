# runtime/rnaslicer/inspection/chart.py: GB/s over size against memcpy, as SVG that takes the page's colours.

import math
from html import escape

from .reference import memcpy_rate
from .texts import rate, size

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 720, 300, 76, 34, 12, 12
_MOST_SERIES = 6


def chart(transfers):
    """SVG of what a history recorded; '' where nothing moved."""
    moved = [t for t in transfers if t.bytes and t.seconds and not t.failed]
    if not moved:
        return ""
    # One series for each way through the same kernels, named by the first expression that took it.
    names = {}
    for t in moved:
        names.setdefault((t.signatures, t.routes, t.direction), f"{t.expression} {t.direction} ({', '.join(t.routes)})")
    series = {key: min(i, _MOST_SERIES - 1) for i, key in enumerate(names)}
    points = [(t.bytes, t.bytes / t.seconds, series[t.signatures, t.routes, t.direction], t.expression) for t in moved]
    low = 2 ** math.floor(math.log2(min(p[0] for p in points)))
    high = max(2 ** math.ceil(math.log2(max(p[0] for p in points))), 4 * low)
    sizes = [low * 2**i for i in range(int(math.log2(high / low)) + 1)]
    reference = [(nbytes, memcpy_rate(nbytes)) for nbytes in sizes]
    top = 1.1 * max(y for _, y, *_ in [*reference, *points])

    def x(nbytes):
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.log(nbytes / low) / math.log(high / low)

    def y(value):
        return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * value / top

    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="speed over size, beside memcpy">']
    for i in range(5):
        value = top * i / 4
        parts.append(f'<path class="grid" d="M{_LEFT} {y(value):.1f}H{_WIDTH - _RIGHT}"/>'
                     f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{rate(value)}</text>')
    for nbytes in sizes[:: max(1, len(sizes) // 6)]:
        side = "end" if nbytes == high else "middle"  # the last must not go beyond the border
        parts.append(f'<text x="{x(nbytes):.1f}" y="{_HEIGHT - 12}" text-anchor="{side}">{size(nbytes)}</text>')
    line = " ".join(f"{'L' if i else 'M'}{x(a):.1f} {y(b):.1f}" for i, (a, b) in enumerate(reference))
    parts.append(f'<path class="memcpy" d="{line}"/>')
    for nbytes, value, which, name in points[-2000:]:
        parts.append(f'<circle class="s{which}" cx="{x(nbytes):.1f}" cy="{y(value):.1f}" r="3">'
                     f'<title>{escape(name)}: {size(nbytes)}, {rate(value)}</title></circle>')
    parts.append("</svg>")
    keys = ['<span class="key memcpy">memcpy, one thread</span>']
    for i, name in enumerate(list(names.values())[:_MOST_SERIES]):
        more = " and others" if i == _MOST_SERIES - 1 and len(names) > _MOST_SERIES else ""
        keys.append(f'<span class="key s{i}">{escape(name)}{more}</span>')
    return "".join(parts) + f'<p class="keys">{" ".join(keys)}</p>'
