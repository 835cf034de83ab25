# cmake/package.py: the assembled package becomes a wheel, an extension (4.2+) and a legacy add-on (3.4 to 4.1).
"""Usage: package.py --package BUILD/package/rnaslicer --addon addon --out DIR

Writes into DIR, and prints, one per line:
    rnaslicer-VERSION-cp311-abi3-manylinux_2_N_x86_64.whl
    rnaslicer_addon-VERSION-linux-x64.zip            extension; carries the wheel
    rnaslicer_addon-VERSION-blender3.4-to-4.1.zip    legacy add-on; carries the same files in modules/

The same input gives the same bytes. What would not run where the names say it does is refused.
Sources: PEP 427 (wheel), PEP 600 (manylinux), Blender manual "How to create extensions".
"""

import argparse
import ast
import base64
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile

# Found on every glibc system; all else has to be linked in.
SYSTEM_LIBRARIES = {
    "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "ld-linux-x86-64.so.2",
}
EXPORTS = {"PyInit__core"}
FOR_GDB = ("__jit_debug_register_code", "__jit_debug_descriptor")  # where it looks for compiled kernels
EARLIEST = (1980, 1, 1, 0, 0, 0)  # zip's own epoch: no build time in the archives


class PackagingError(Exception):
    """The input cannot be packaged as what it claims to be."""


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def glibc_floor(library):
    """Lowest glibc version that has every symbol `library` asks for, e.g. (2, 17)."""
    dynamic = run("readelf", "--wide", "--dynamic", library)
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic))
    if foreign := needed - SYSTEM_LIBRARIES:
        raise PackagingError(f"{library.name} needs {', '.join(sorted(foreign))}: link it statically")
    versions = set(re.findall(r"Name: GLIBC_(\S+)", run("readelf", "--wide", "--version-info", library)))
    if not versions:
        raise PackagingError(f"{library.name} asks for no GLIBC_2.x symbol: is it an x86-64 glibc library?")
    if odd := {version for version in versions if not re.fullmatch(r"\d+(\.\d+)+", version)}:
        raise PackagingError(f"{library.name} needs GLIBC_{min(odd)}, which no version promises")
    # By number: as text, 2.4 would come after 2.17. 2.5 is the oldest that a tag exists for.
    return max({tuple(map(int, version.split(".")))[:2] for version in versions} | {(2, 5)})


def check_floor(package, floor):
    """`rnaslicer/system.py` tells users which glibc is needed: it must not promise too much."""
    file = package / "system.py"
    found = re.search(r"^GLIBC = \((\d+), (\d+)\)", file.read_text(), re.M) if file.exists() else None
    if found and floor > (promised := (int(found[1]), int(found[2]))):
        raise PackagingError("_core.abi3.so needs glibc {}.{}, while system.py says {}.{}".format(*floor, *promised))


def check_exports(library):
    """Anything else that is visible could clash with Blender's own LLVM."""
    symbols = run("readelf", "--wide", "--dyn-syms", library)
    defined = set(re.findall(r"(?:GLOBAL|WEAK|UNIQUE)\s+DEFAULT\s+(?!UND)\S+\s+([^\s@]+)", symbols))
    if extra := defined - EXPORTS:
        raise PackagingError(f"{library.name} exports {', '.join(sorted(extra)[:5])}, …: hide them")


def addon_version(addon):
    """The version that manifest and `bl_info` agree on."""
    manifest = tomllib.loads((addon / "blender_manifest.toml").read_text())["version"]
    for node in ast.parse((addon / "__init__.py").read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "bl_info":
            legacy = ".".join(map(str, ast.literal_eval(node.value)["version"]))
            if legacy != manifest:
                raise PackagingError(f"bl_info says {legacy}, blender_manifest.toml {manifest}")
            return manifest
    raise PackagingError("addon/__init__.py has no bl_info")


def check_version(package, version):
    """`rnaslicer.__version__`, if it is written down, is the add-on's too."""
    found = re.search(r"^__version__\s*=\s*['\"](.+?)['\"]", (package / "__init__.py").read_text(), re.M)
    if found and found[1] != version:
        raise PackagingError(f"rnaslicer.__version__ is {found[1]}, the add-on's version {version}")


def files_under(folder):
    """(path in archive, path on disk), sorted, without what Python and CMake leave behind."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
            yield path.relative_to(folder).as_posix(), path


def write_zip(target, members):
    """Atomically; `members` maps archive paths to bytes or paths; a name that ends in / is a folder."""
    partial = target.with_suffix(target.suffix + ".partial")
    with zipfile.ZipFile(partial, "w") as archive:
        for name, content in members.items():
            data = content.read_bytes() if isinstance(content, pathlib.Path) else content
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.external_attr = (0o755 if name.endswith((".so", "/")) else 0o644) << 16
            stored = name.endswith(".whl")  # compressed already
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compresslevel=None if stored else 6)
    partial.replace(target)
    return target


def record_line(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def build_name(package):
    """One line that no other build has (`rnaslicer/__init__.py` tells by it whether its files were replaced)."""
    digest = hashlib.sha256()
    for name, path in sorted(package.items()):
        digest.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest().encode() + b"\n"


def build_wheel(package, version, tag, licence, out):
    """`package`: {path: bytes or path} as it goes under rnaslicer/."""
    info = f"rnaslicer-{version}.dist-info"
    members = {f"rnaslicer/{name}": content for name, content in package.items()}
    members[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: rnaslicer\nVersion: {version}\n"
        "Summary: JIT-compiled memoryviews over Blender's RNA collections\n"
        "License: GPL-3.0-or-later\nRequires-Python: >=3.11\n"
    ).encode()
    members[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: rnaslicer ({version})\nRoot-Is-Purelib: false\nTag: {tag}\n"
    ).encode()
    members[f"{info}/LICENSE"] = licence
    record = "".join(
        record_line(name, content.read_bytes() if isinstance(content, pathlib.Path) else content)
        for name, content in members.items())
    members[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    return write_zip(out / f"rnaslicer-{version}-{tag}.whl", members)


def build_extension(addon, version, wheel, licence, out):
    """For 4.2 and later; Blender itself puts the wheel on sys.path."""
    members = dict(files_under(addon))
    manifest = addon.joinpath("blender_manifest.toml").read_text()
    members["blender_manifest.toml"] = manifest.replace(
        "# wheels: package.py", f'wheels = ["./wheels/{wheel.name}"]').encode()
    if wheel.name.encode() not in members["blender_manifest.toml"]:
        raise PackagingError("blender_manifest.toml lacks its line '# wheels: package.py'")
    members[f"wheels/{wheel.name}"] = wheel
    members["LICENSE"] = licence
    return write_zip(out / f"rnaslicer_addon-{version}-linux-x64.zip", members)


def build_legacy(addon, version, package, licence, out):
    """For 3.4 to 4.1, which know no wheels; the add-on puts modules/ on sys.path."""
    # Without an entry for the folder Blender removes no older version: it would write into the library that it has
    # mapped, and crash, and files of both versions would mix.
    members = {"rnaslicer_addon/": b""}
    members |= {f"rnaslicer_addon/{name}": path for name, path in files_under(addon)
                if name != "blender_manifest.toml"}
    members |= {f"rnaslicer_addon/modules/rnaslicer/{name}": content
                for name, content in package.items()}
    members["rnaslicer_addon/LICENSE"] = licence
    return write_zip(out / f"rnaslicer_addon-{version}-blender3.4-to-4.1.zip", members)


def stripped(library, folder):
    """A copy without debug info and local symbols but gdb's: a third of the size."""
    target = pathlib.Path(folder) / library.name
    shutil.copy(library, target)
    run("strip", "--strip-unneeded", *(f"--keep-symbol={name}" for name in FOR_GDB), target)
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option in ("--package", "--addon", "--out", "--licence"):
        parser.add_argument(option, type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    libraries = [path for _, path in files_under(options.package) if path.suffix == ".so"]
    if [path.name for path in libraries] != ["_core.abi3.so"]:
        raise PackagingError(f"{options.package} should hold _core.abi3.so and no other library")

    version = addon_version(options.addon)
    check_version(options.package, version)
    check_exports(libraries[0])
    floor = glibc_floor(libraries[0])
    check_floor(options.package, floor)
    tag = "cp311-abi3-manylinux_{}_{}_x86_64".format(*floor)
    licence = options.licence.read_bytes()
    for old in options.out.glob("rnaslicer*"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        package = {name: stripped(path, folder) if path.suffix == ".so" else path
                   for name, path in files_under(options.package)}
        package["BUILD"] = build_name(package)
        wheel = build_wheel(package, version, tag, licence, options.out)
        print(wheel)
        print(build_extension(options.addon, version, wheel, licence, options.out))
        print(build_legacy(options.addon, version, package, licence, options.out))


if __name__ == "__main__":
    try:
        main()
    except (PackagingError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"package.py: {error}")
