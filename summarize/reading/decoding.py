"""Bytes to text: compression, encodings, and what is not text at all.

The text is otherwise left as it is: line ends, odd quotes and mojibake stay, so that every offset refers to
what the reader of the summary is shown.
"""

import bz2
import codecs
import gzip
import io
import lzma
import re
import zlib

from summarize.reading.records import UnreadableError


def _unpack_zstd(data: bytes, most: int) -> bytes:
    import zstandard

    try:
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True) as stream:
            plain: bytes = stream.read(most)
        if len(plain) < most:  # the stream gives what it has of a truncated frame without a word
            rest = data
            while rest:
                frame = zstandard.ZstdDecompressor().decompressobj()
                frame.decompress(rest)
                if not frame.eof:
                    raise EOFError("ended before the end of a frame")
                rest = frame.unused_data
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
    return plain


def _unpack(kind: str, data: bytes, most: int) -> bytes:
    """At most ``most`` bytes of what was compressed."""
    if kind == "zstd":
        return _unpack_zstd(data, most)
    packed = io.BytesIO(data)
    if kind == "gzip":
        return gzip.GzipFile(fileobj=packed).read(most)
    if kind == "xz":
        return lzma.LZMAFile(packed).read(most)
    return bz2.BZ2File(packed).read(most)


COMPRESSIONS = {
    "gzip": b"\x1f\x8b\x08",
    "xz": b"\xfd7zXZ\x00",
    "bzip2": b"BZh",
    "zstd": b"\x28\xb5\x2f\xfd",
}
"""What a compressed file begins with, whatever it is called."""

_FOREIGN = {
    b"%PDF-": "PDF",
    b"{\\rtf": "RTF",
    b"PK\x03\x04": "zip archive or office document",
    b"\xd0\xcf\x11\xe0": "office document",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"GIF8": "image",
}
"""Well-known formats that are not read, by their first bytes."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_LEGACY = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "mac_roman"),
    *("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"),
]
"""Encodings a file without any mark may be in; the exotic ones only bring wrong guesses on short texts."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_CONTROL_SHARE = 0.02
"""More control characters than this and it is no text."""

_HTML_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)


def decompress(data: bytes, max_bytes: int) -> bytes:
    """Undo gzip, xz, bzip2 or zstd, told by the first bytes; anything else is returned as it is.

    Raises:
        UnreadableError: the data is cut short or damaged, or holds more than ``max_bytes``.
    """
    for name, magic in COMPRESSIONS.items():
        if not data.startswith(magic):
            continue
        try:
            plain = _unpack(name, data, max_bytes + 1)
        except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
            raise UnreadableError(f"damaged or truncated {name} data: {error}") from None
        if len(plain) > max_bytes:
            raise UnreadableError(f"too large: more than {max_bytes:,} bytes when decompressed")
        return plain
    return data


def decode(data: bytes) -> str:
    """Text of ``data``: UTF-8, UTF-16 or UTF-32 by their mark, else UTF-8, else a legacy encoding.

    Raises:
        UnreadableError: empty, or not text.
    """
    if not data.strip():
        raise UnreadableError("empty")
    for magic, name in _FOREIGN.items():
        if data.startswith(magic):
            raise UnreadableError(f"binary ({name})")
    text = _decode(data)
    if not text.strip("\ufeff \t\r\n\f\v\x85\xa0\u2028\u2029"):
        raise UnreadableError("empty")
    if is_binary(text):
        raise UnreadableError("binary")
    return text


def is_binary(text: str) -> bool:
    """Whether ``text`` holds a NUL or more than a few control characters."""
    return "\0" in text or len(_CONTROL.findall(text)) > _CONTROL_SHARE * len(text)


def _decode(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                if encoding != "utf-8":
                    raise UnreadableError(f"broken {encoding[:-3].upper()}") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if b"\0" in data:
        raise UnreadableError("binary")
    return _declared(data) or _nearly_utf8(data) or _legacy(data)


def _declared(data: bytes) -> str | None:
    """The text by the encoding that an HTML page states in its head."""
    if not (match := _HTML_CHARSET.search(data[:4096])):
        return None
    try:
        return data.decode(match[1].decode("ascii"))
    except (LookupError, UnicodeError):
        return None


def _nearly_utf8(data: bytes) -> str | None:
    """UTF-8 with a few broken bytes (cut in the middle of a character, say), each shown as U+FFFD."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    broken = text.count("\ufffd")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return text if broken <= 0.1 * (foreign - broken) else None


def _legacy(data: bytes) -> str:
    from charset_normalizer import from_bytes

    matches = from_bytes(data, cp_isolation=_LEGACY)
    best = matches.best()
    if best is None:
        raise UnreadableError("binary")
    # Western European is by far the likeliest where the letters tell nothing: when it fits as well as the best,
    # or when only few letters are beyond ASCII.
    western = next((match for match in matches if match.encoding == "cp1252"), None)
    few = len(data) - len(data.decode("ascii", "ignore")) < 0.03 * len(data)
    if western and (few or (western.chaos, -western.coherence) <= (best.chaos, -best.coherence)):
        return str(western)
    return str(best)
