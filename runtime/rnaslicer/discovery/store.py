# runtime/rnaslicer/discovery/store.py: a run's result on disk: private, checksummed, validated like a stranger's.
"""One file of lines of JSON per build identity in the folder `discovery` of the kernels' disk cache. Whatever is
unexpected in its head, or in how it lies there, makes it count as missing; a finding or table that is not as expected,
when somebody asks for it, makes that one count as missing. Nothing in it is trusted beyond its form. Plain files only:
usable without bpy."""

import hashlib
import json
import os
import stat
import struct
from collections.abc import Mapping

from .found import DECODES, HOW, SIZE, Found, Known, merge

FORM = 10  # another number for another form of the file or another way of probing
MAGIC = f"rnaslicer discovery {FORM}"
LIMIT = 60.0  # seconds of the processor that a run takes, all its children together
LARGEST_FILE = 8 << 20
LARGEST_OFFSET = 1 << 16
MOST_COMPONENTS = 64
LONGEST_TEXT = 200
PIECE, PIECES = 1 << 12, 64


def identity(path):
    """Hash over what a build's executable is: size, time, and pieces of its content, the first of
    which has the linker's build id. '' where it cannot be read."""
    hasher = hashlib.blake2b(digest_size=16)
    try:
        with open(path, "rb", buffering=0) as file:
            info = os.fstat(file.fileno())
            hasher.update(struct.pack("<qq", info.st_size, info.st_mtime_ns))
            for i in range(PIECES):
                hasher.update(os.pread(file.fileno(), PIECE, i * max(0, info.st_size - PIECE) // (PIECES - 1)))
    except OSError:
        return ""
    return hasher.hexdigest()


def running():
    """Identity of what this process runs, also where its file was replaced meanwhile."""
    return identity("/proc/self/exe")


# ---- what is written

def encode(build, known):
    """The file's bytes for a `Known`: a head, a line for the tables of each name, a line for each element type."""
    by_type = {}
    for (element, name), several in known.storages.items():
        by_type.setdefault(element, {})[name] = several
    head = {"build": build, "complete": known.complete, "skipped": known.skipped, "lists": sorted(known.lists),
            "equivalents": sorted(known.equivalents), "tables": len(known.tables)}
    lines = [_text(head)] + [f"{_text(name)}\t{_text(what)}" for named in (known.tables, by_type)
                             for name, what in named.items()]
    body = "\n".join(lines).encode()
    return f"{MAGIC}\n{_checksum(body)}\n".encode() + body + b"\n"


def decode(data, build):
    """`Known` from a file's bytes, or None if its head or form is not as expected."""
    try:
        magic, checksum, body = data.split(b"\n", 2)
        if magic.decode() != MAGIC or body[-1:] != b"\n" or checksum.decode() != _checksum(body[:-1]):
            return None
        head, *lines = body[:-1].decode().split("\n")
        head = json.loads(head)
        _need(set(head) == {"build", "complete", "skipped", "lists", "tables", "equivalents"})
        _need(head["build"] == build and type(head["complete"]) is bool)
        _need(_texts(head["skipped"]) and type(head["tables"]) is int and 0 <= head["tables"] <= len(lines))
        lists, equivalents = ([tuple(key) for key in head[name] if _need(_texts(key) and len(key) == 2)]
                              for name in ("lists", "equivalents"))
        tables, types = (_named(part) for part in (lines[:head["tables"]], lines[head["tables"]:]))
        tables = Tables(tables)
        return Known(Storages(types, tables), lists, tables, head["complete"], head["skipped"], equivalents)
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        return None


def _text(value):
    return json.dumps(value, separators=(",", ":"))


def _named(lines):
    """Text of a name -> text of what is kept of it, from lines; neither is looked at."""
    found = dict(line.split("\t") for line in lines)
    _need(len(found) == len(lines))
    return found


class _Kept(Mapping):
    """What lines of a file say. Each is looked at when it is first asked for: a session asks for a few of some two
    thousand findings, and its first enter waits. What is not as expected is not there."""

    def __init__(self, lines):
        self._lines, self._seen = lines, {}

    def __getitem__(self, key):
        found = self._seen.get(key)
        if found is None:
            try:
                found = self._read(key)
            except (ValueError, TypeError, AttributeError, RecursionError):
                found = ()
            self._seen[key] = found
        if not found:
            raise KeyError(key)
        return found

    def __len__(self):
        return sum(1 for _ in self)

    def _names(self):
        """Those of all lines, as `_text` writes them; others are never found."""
        for text in self._lines:
            try:
                name = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if type(name) is str and _text(name) == text:
                yield name


class Tables(_Kept):
    """name -> (decode, thresholds, nan) of a file."""

    def _read(self, name):
        line = self._lines.get(_text(name))
        return line and table(name, json.loads(line))

    def __iter__(self):
        return (name for name in self._names() if name in self)


class Storages(_Kept):
    """(element type, property) -> findings of a file."""

    def __init__(self, lines, tables):
        super().__init__(lines)
        self._tables, self._types = tables, {}  # the latter: element type -> its line, read

    def _read(self, key):
        element, name = key
        found = tuple(finding([element, element, name, fields])[-1] for fields in self._of(element).get(name, ()))
        return _known_lookups(found, self._tables) and found

    def _of(self, element):
        found = self._types.get(element)
        if found is None:
            try:
                found = json.loads(self._lines.get(_text(element), "{}"))
            except (ValueError, RecursionError):
                found = None
            found = self._types[element] = found if type(found) is dict else {}
        return found

    def __iter__(self):
        for element in self._names():
            yield from (key for key in ((element, name) for name in self._of(element)) if key in self)


def known_from(lines, complete=True, skipped=()):
    """`Known` from the findings of a child; ValueError if one is malformed."""
    findings, nothing, lists, tables, same, denied = [], set(), {}, {}, [], {}
    for line in lines:
        if "found" in line:
            findings.append(finding(line["found"]))
        elif "list" in line:
            owner, name = line["list"]
            _need(_texts([owner, name]) and type(line["seen"]) is bool)
            lists[owner, name] = lists.get((owner, name), True) and line["seen"]
        elif "nothing" in line:
            _need(_texts(line["nothing"]) and len(line["nothing"]) == 3)
            nothing.add(tuple(line["nothing"]))
        elif "denied" in line:
            *key, unless, bulk = line["denied"]
            _need(_texts(key) and len(key) == 2 and _is_offset(unless, None) and (bulk is None or type(bulk) is bool))
            denied[tuple(key)] = unless, bulk
        elif "table" in line:
            tables[line["table"]] = table(line["table"], line["values"])
        elif "same" in line:
            _need(_texts(line["same"]) and len(line["same"]) == 2)
            same.append(tuple(line["same"]))
        else:
            raise ValueError("unknown line")
    lists = [key for key, is_list in lists.items() if is_list]
    for at, (*key, found) in reversed(list(enumerate(findings))):
        unless, bulk = denied.get(tuple(key[1:]), (None, None))
        if unless is not None and found.hop is None:
            findings[at] = *key, found._replace(unless=unless, bulk=bulk)
        elif tuple(key[1:]) in denied:
            del findings[at]
    return _checked(Known(merge(findings, nothing), lists, tables, complete, skipped, same))


def _checked(known):
    for several in known.storages.values():
        _known_lookups(several, known.tables)
    return known


def _known_lookups(several, tables):
    return _need(all(not found.lookup or all(name in tables for name in found.lookups) for found in several))


def finding(values):
    """(element type, declaring type, property, Found) from a finding's JSON."""
    element, base, name, fields = values
    _need(type(element) is type(base) is type(name) is str and max(len(element), len(base), len(name)) < LONGEST_TEXT
          and len(fields) == len(Found._fields))
    found = Found._make([tuple(v) if type(v) is list else v for v in fields])
    scalar, offset, decode, mask, inverted, steps, masks, hop, writes, size, lookup, how, bulk, unless = found
    _need(scalar in SIZE and decode in DECODES and how in HOW  # in few calls: a session's first enter waits for it
          and type(offset) is int and 0 <= offset < LARGEST_OFFSET and type(size) is int and 0 <= size < LARGEST_OFFSET
          and _is_offset(hop, None) and _is_offset(unless, None)
          and type(inverted) is bool and type(writes) is bool and type(lookup) is str
          and (bulk is None or type(bulk) is bool)
          and type(steps) is tuple and 1 <= len(steps) <= MOST_COMPONENTS
          and type(masks) is tuple and len(masks) in (0, len(steps)))
    for step in steps:
        _need(type(step) is int and abs(step) < LARGEST_OFFSET and 0 <= offset + step < LARGEST_OFFSET)
    bits, has_mask = 1 << 8 * SIZE[scalar], decode == "flag" or decode == "field"
    for one in masks:
        _need(type(one) is int and 0 < one < bits)
    _need(type(mask) is int and (0 < mask < bits if has_mask else mask == 0)
          and (decode == "flag" or not masks) and (decode == "plain" or decode == "flag" or not inverted)
          and (not has_mask or scalar[0] in "iu") and (decode != "lookup" and decode != "unorm" or scalar == "u8")
          and (decode == "lookup") == bool(lookup) and (not lookup or len(found.lookups) in (0, len(steps)))
          and (not size or hop is not None or max(steps) + offset + SIZE[scalar] <= size))
    return element, base, name, found


def table(name, values):
    """(decode, thresholds, nan) from a table's JSON."""
    _need(type(name) is str and 0 < len(name) < 32 and not set(name) & set(" \n"))
    decoded, thresholds, nan = values
    _need(len(decoded) == 256 and len(thresholds) == 255 and type(nan) is int and 0 <= nan < 256)
    for numbers in (decoded, thresholds):
        _need(all(type(x) in (int, float) and -1e9 < x < 1e9 for x in numbers))
        _need(all(a <= b for a, b in zip(numbers, numbers[1:])))
    return [float(x) for x in decoded], [float(x) for x in thresholds], nan


def _need(condition):
    if not condition:
        raise ValueError("not as expected")
    return True


def _is_offset(value, *others):
    return value in others or type(value) is int and 0 <= value < LARGEST_OFFSET


def _texts(values):
    return type(values) is list and all(type(v) is str and len(v) < LONGEST_TEXT for v in values)


def _checksum(body):
    return hashlib.blake2b(body, digest_size=32).hexdigest()


# ---- files

def file_name(build):
    """Of a build's result; versions of ours that do not understand each other live side by side."""
    return f"{build}-{FORM}.json"


def _open_folder(folder, create):
    """Descriptor of the folder if it is ours and nobody else may write it; OSError otherwise."""
    if create:
        os.makedirs(os.path.dirname(folder), 0o700, exist_ok=True)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass
    # A symlink may lead up to the folder, but must not be the folder.
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not _is_private(os.fstat(fd)):
        os.close(fd)
        raise PermissionError(f"{folder} is not used: others may write it")
    return fd


def _is_private(info):
    """Ours, and nobody else may write it. An ACL's rights show up in the group bits."""
    return info.st_uid == os.geteuid() and not info.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def load(folder, build):
    """`Known` of a build, or None."""
    data = load_bytes(folder, build)
    return None if data is None else decode(data, build)


def load_bytes(folder, build):
    """The bytes of a build's file if it lies there privately, or None."""
    try:
        parent = _open_folder(folder, False)
    except OSError:
        return None
    try:
        # NONBLOCK: somebody may have put a pipe there.
        fd = os.open(file_name(build), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK,
                     dir_fd=parent)
    except OSError:
        return None
    finally:
        os.close(parent)
    info = os.fstat(fd)
    if not stat.S_ISREG(info.st_mode) or not _is_private(info) or info.st_size > LARGEST_FILE:
        os.close(fd)
        return None
    with open(fd, "rb") as file:
        try:
            data = file.read(info.st_size + 1)  # not more: Python makes room for as many bytes as are asked for
        except OSError:
            return None
    return data if len(data) <= info.st_size else None


def save(folder, build, data):
    """Writes a build's file atomically; OSError says why it could not be."""
    parent = _open_folder(folder, True)
    temporary = f".{os.getpid()}.{os.urandom(4).hex()}"
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600,
                     dir_fd=parent)
        try:
            with open(fd, "wb") as file:
                file.write(data)
            os.rename(temporary, file_name(build), src_dir_fd=parent, dst_dir_fd=parent)
        except OSError:
            os.unlink(temporary, dir_fd=parent)
            raise
    finally:
        os.close(parent)


def remove(folder, build):
    """Deletes a build's file, if there is one."""
    try:
        os.unlink(os.path.join(folder, file_name(build)))
    except OSError:
        pass
