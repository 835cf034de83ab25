# tests/run_python_tests.py: Python tests without Blender: unittest classes and plain test_* functions.
"""Usage: run_python_tests.py --counts FILE FOLDER...   (rnaslicer is found through PYTHONPATH)"""

import argparse
import importlib
import json
import pathlib
import sys
import unittest


def suite_of(folder):
    """All of test_*.py in `folder`; a file that cannot be imported is an error, not a silence."""
    sys.path.insert(0, str(folder))
    suite = unittest.TestSuite()
    for path in sorted(folder.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(module))
        for name, function in vars(module).items():
            if name.startswith("test_") and callable(function):
                suite.addTest(unittest.FunctionTestCase(function, description=f"{path.stem}.{name}"))
    return suite


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=pathlib.Path, required=True)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    suite = unittest.TestSuite(suite_of(folder.resolve()) for folder in options.folders)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    counts = {"passed": result.testsRun - failed - skipped, "failed": failed, "skipped": skipped}
    options.counts.write_text(json.dumps(counts))


if __name__ == "__main__":
    main()
