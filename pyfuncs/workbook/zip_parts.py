"""The .xlsx file as a zip of parts: opened whole, changed part by part, saved in one step or not at all."""

import errno
import io
import os
import posixpath
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from lxml import etree

from pyfuncs.errors import InputError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT_TYPES = "[Content_Types].xml"

_OLE_FILE = b"\xd0\xcf\x11\xe0"
_LARGE = 1_500_000_000  # bytes of one part from which the zip needs its 64-bit form
_QUICK = 20_000_000  # bytes of one part from which time counts more than a file a quarter smaller
_SAVE_AS = "Open it in Excel and save it as Excel Workbook (.xlsx)."


class Parts:
    """The parts of one file.  What is not changed stays byte for byte."""

    def __init__(self, content: bytes, path: Path) -> None:
        self.path = path
        self._zip = zipfile.ZipFile(io.BytesIO(content))
        self.names = list(dict.fromkeys(self._zip.namelist()))
        self._trees: dict[str, etree._Element] = {}
        self._changed: dict[str, etree._Element | None] = {}

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> "Parts":
        """Read a file; InputError with a remedy when it is not an intact, unencrypted .xlsx or .xlsm."""
        path = Path(path)
        content = _read(path)
        if content.startswith(_OLE_FILE):
            raise InputError(f"{path}: the file is protected by a password or in the old .xls format. {_SAVE_AS}")
        try:
            parts = cls(content, path)
            damaged = parts._zip.testzip() if len(content) < 2_000_000 else None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as reason:
            raise InputError(f"{path}: not an .xlsx workbook, or damaged ({reason}). {_SAVE_AS}") from None
        if damaged:
            raise InputError(f"{path}: the file is damaged ({damaged} cannot be read). Use a backup copy.")
        if CONTENT_TYPES not in parts.names:
            raise InputError(f"{path}: a zip file, but not an Excel workbook. {_SAVE_AS}")
        return parts

    def __contains__(self, part: str) -> bool:
        return part in self.names

    def read(self, part: str) -> bytes:
        """The bytes of a part as the file has them."""
        try:
            return self._zip.read(part)
        except KeyError:
            raise InputError(f"{self.path}: the file is damaged ({part} is missing). Use a backup copy.") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as reason:
            raise InputError(f"{self.path}: the file is damaged ({part}: {reason}). Use a backup copy.") from None

    def size(self, part: str) -> int:
        """How many bytes a part has in the file."""
        return self._zip.getinfo(part).file_size

    def tree(self, part: str) -> etree._Element:
        """The parsed part; the same element each time.  Call `change` after altering it."""
        if part not in self._trees:
            self._trees[part] = self.parse(part, self.read(part))
        return self._trees[part]

    def parse(self, part: str, content: bytes) -> etree._Element:
        """Parse the content of a part, refusing what is not XML."""
        try:
            return etree.fromstring(content, parser())
        except etree.XMLSyntaxError as reason:
            raise InputError(f"{self.path}: the file is damaged ({part}: {reason}). Use a backup copy.") from None

    def change(self, part: str) -> None:
        """Say that the tree of a part is to be written instead of its bytes."""
        self._changed[part] = self.tree(part)

    def drop(self, part: str, owner: str) -> None:
        """Leave a part out, with its content type, its own relationships and the one its owner has with it."""
        self._changed[part] = None
        if relationships_part(part) in self.names:
            self._changed[relationships_part(part)] = None
        types = self.tree(CONTENT_TYPES)
        for override in types.findall("{*}Override"):
            if override.get("PartName") == "/" + part:
                types.remove(override)
        self.change(CONTENT_TYPES)
        kept = relationships_part(owner)
        ids = [key for key, (_, target) in self.relationships(owner).items() if target == part]
        for relation in self.tree(kept).findall("{*}Relationship"):
            if relation.get("Id") in ids:
                self.tree(kept).remove(relation)
        self.change(kept)

    def relationships(self, part: str) -> dict[str, tuple[str, str]]:
        """Id -> (kind, part) of the internal relationships of a part; kind is the last word of its type."""
        path = relationships_part(part)
        found: dict[str, tuple[str, str]] = {}
        if path not in self.names:
            return found
        for relation in self.tree(path).findall("{*}Relationship"):
            target = relation.get("Target", "")
            if relation.get("TargetMode") != "External":
                target = target[1:] if target.startswith("/") else posixpath.join(posixpath.dirname(part), target)
                kind = relation.get("Type", "").rsplit("/", 1)[-1]
                found[relation.get("Id", "")] = (kind, posixpath.normpath(target))
        return found

    def of_type(self, *endings: str) -> list[str]:
        """The parts whose content type ends with one of the endings."""
        return [
            override.get("PartName", "")[1:]
            for override in self.tree(CONTENT_TYPES).findall("{*}Override")
            if override.get("ContentType", "").endswith(endings) and override.get("PartName", "")[1:] in self.names
        ]

    @property
    def changed(self) -> bool:
        """Whether any part is to be written differently."""
        return bool(self._changed)

    def save(
        self, path: str | os.PathLike[str], streams: Mapping[str, Iterable[bytes | memoryview]], level: int
    ) -> None:
        """Write the file beside the target and put it in its place; on any failure the target stays as it was."""
        target = Path(os.path.realpath(path))
        try:
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            self._replace(target, streams, level)
        except OSError as reason:
            raise InputError(_cannot_save(path, reason)) from reason

    def _replace(self, target: Path, streams: Mapping[str, Iterable[bytes | memoryview]], level: int) -> None:
        handle, temporary = tempfile.mkstemp(prefix=".focal-", suffix=".tmp", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                self._write(file, streams, level)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, _mode(target))
            os.replace(temporary, target)
        except BaseException:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise

    def _write(self, file: io.BufferedWriter, streams: Mapping[str, Iterable[bytes | memoryview]], level: int) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as out:
            for part in self.names:
                stream = streams.get(part)
                content = () if stream is not None else self._content(part)
                if content is None:
                    continue
                size = getattr(stream, "expected_size", 0)
                out.compresslevel = 1 if size > _QUICK else level
                # entries are dated 1980: the same input, the same bytes
                with out.open(part, "w", force_zip64=size > _LARGE) as entry:
                    for chunk in stream if stream is not None else content:
                        entry.write(chunk)

    def _content(self, part: str) -> tuple[bytes] | None:
        """What a part is to hold; None when it is left out."""
        if part not in self._changed:
            return (self.read(part),)
        tree = self._changed[part]
        return None if tree is None else (serialise(tree),)


def parser() -> etree.XMLParser:
    """A parser that fetches nothing and expands no entities."""
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def serialise(tree: etree._Element) -> bytes:
    """A part as bytes, with the declaration Office writes."""
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def relationships_part(part: str) -> str:
    """Where the relationships of a part are kept."""
    return posixpath.join(posixpath.dirname(part), "_rels", posixpath.basename(part) + ".rels")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise InputError(f"{path}: this is a folder, not a workbook.") from None
    except PermissionError:
        raise InputError(f"{path}: the file may not be read. Close it in Excel or ask for permission.") from None


def _mode(target: Path) -> int:
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _cannot_save(path: str | os.PathLike[str], reason: OSError) -> str:
    if isinstance(reason, IsADirectoryError):
        return f"{path}: this is a folder. Give the name of a file."
    if isinstance(reason, PermissionError):
        return f"{path}: the file may not be written. Close it in Excel, or save under another name."
    if reason.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{path}: the disk is full; the file was left as it was. Free some space and try again."
    if isinstance(reason, FileNotFoundError):
        return f"{path}: the folder does not exist. Create it first."
    return f"{path}: could not be saved ({reason.strerror or reason}); the file was left as it was."
