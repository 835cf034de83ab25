# bench/report.py: the tables that the demo prints
from measure import duration

LINE = "  {:<23}{:<46}{:>8}{:>9}{:>9}{:>9}{:>9}{:>9} {:>8}{:>9}{:>9}"
KERNEL = "  {:<23}{:<46}  {:<9}{:<18}{:<22}{}"


def print_table(title, rows):
    """One line for each row of figures (see demo.py): best times, and their ratios to Slicer's."""
    print(f"\n  {title}")
    print(LINE.format("Slicer(…)", "[…]", "cache", "Python~", "foreach", "memcpy", "Slicer", "median", "×Python",
                      "×foreach", "/memcpy"))
    print("  " + "─" * (len(LINE.format(*[""] * 11)) - 2))
    for row in rows:
        best = {name: t["min"] for name, t in row["times"].items()}
        mine = best["slicer"]
        print(LINE.format(row["supplier"], row["expression"], size(row["bytes"]), duration(best["python"]),
                          duration(best["foreach"]), duration(best["memcpy"]), duration(mine),
                          duration(row["times"]["slicer"]["median"]), factor(best["python"] / mine),
                          factor(best["foreach"] / mine), f"{mine / best['memcpy']:.2f}"))


def print_kernels(rows):
    """Route and kernel of each expression; `rows` as the demo makes them."""
    print("\n  kernels")
    print(KERNEL.format("Slicer(…)", "[…]", "route", "signature", "refresh", "update"))
    print("  " + "─" * 128)
    for row in rows:
        refresh, update = row["refresh"], row["update"]
        kernel = refresh["kernel"]
        print(KERNEL.format(refresh["supplier"], refresh["expression"], kernel["route"], kernel["signature"] or "–",
                            origin(kernel), origin(update["kernel"]) if update else "read-only"))


def origin(kernel):
    """Where the code came from, and how long that took."""
    if not kernel["signature"] or not kernel["compile_seconds"]:
        return "–" if not kernel["signature"] else kernel["origin"]
    return f"{kernel['origin']} in {duration(kernel['compile_seconds'])}"


def size(nbytes):
    return f"{nbytes / 1e6:.1f} MB" if nbytes >= 1e5 else f"{nbytes / 1e3:.0f} kB"


def factor(ratio):
    return f"{ratio:.0f}" if ratio >= 20 else f"{ratio:.1f}"
