# tests/blender/asan/reports.py: which of AddressSanitizer's reports in a folder are about our module
"""Usage: reports.py FOLDER. Prints ours, counts Blender's own (no frame of ours on any stack); exit code 1
if there is one of ours."""
import pathlib
import sys

MODULE = "_core.abi3.so"


def reports(folder):
    """The text of each report."""
    for path in sorted(folder.iterdir()):
        text = path.read_text(encoding="utf-8", errors="replace")
        yield from text.split("=" * 65)[1:] or [text]


def main():
    found = list(reports(pathlib.Path(sys.argv[1])))
    ours = [report for report in found if MODULE in report or "runtime error:" in report]
    for report in ours:
        print(report.strip()[:6000])
    print(f"    ASan: {len(ours)} reports about us, {len(found) - len(ours)} about Blender itself")
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
