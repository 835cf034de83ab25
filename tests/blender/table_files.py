# tests/blender/table_files.py: what tests counted in each Blender, as one page in docs/
import argparse
import json
import pathlib


def main(text, target, page):
    """The command line of a script with doc `text`: prints what `page` makes of {version: numbers}, or writes it to
    `target`."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("folder", type=pathlib.Path, help="one JSON file per Blender, named after its version")
    options = parser.parse_args()
    made = page({path.stem: json.loads(path.read_text()) for path in options.folder.glob("*.json")})
    if options.write:
        target.write_text(made, encoding="utf-8")
    else:
        print(made)
