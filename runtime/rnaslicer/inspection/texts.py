# runtime/rnaslicer/inspection/texts.py: numbers for people, tables for terminals.


def seconds(value):
    """`0.00012` as '120 us'."""
    for factor, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "us")):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def counted(number, noun):
    """`2` 'call' as '2 calls'."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def size(value):
    """`1536` as '1.5 KB'; powers of ten, as rates are."""
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value:.0f} B"


def rate(value):
    """Bytes a second in GB/s."""
    return f"{value / 1e9:.3g} GB/s"


def percent(part, whole):
    """'' where there is no whole."""
    return f"{100 * part / whole:.0f} %" if whole else ""


def table(head, rows, right=()):
    """Lines of text, columns in line; those whose number is in `right` end together."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    lines = []
    for row in [list(head), *rows]:
        cells = [cell.rjust(width) if i in right else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    return lines
