"""File names from playlist names: safe on every system, whatever the name holds."""

import re
import unicodedata

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_LONGEST = 150  # bytes; most systems allow 255 for name, extension and what a writer adds


def safe_file_name(name: str, extension: str = "") -> str:
    """Return a file name without folders that any system takes, for a playlist of any name.

    Path separators and what else systems forbid become ``_``, control characters and those that turn the direction
    of writing too; dots, dashes and spaces at the ends go; the names of devices (``CON``) get a ``_`` in front; long
    names are cut at 150 bytes. Any script stays as it is.

    Parameters
    ----------
    name : str
    extension : str
        With its dot; put behind.

    Examples
    --------
    >>> safe_file_name("../../etc/passwd", ".m3u8"), safe_file_name("CON"), safe_file_name("--rf"), safe_file_name("")
    ('etc_passwd.m3u8', '_CON', 'rf', 'playlist')
    >>> safe_file_name("グリズリー 🐻", ".csv")
    'グリズリー 🐻.csv'
    """
    plain = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name))
    plain = re.sub(r"\s+", " ", plain).lstrip(" .-_~").rstrip(" ._")
    plain = plain.encode()[:_LONGEST].decode(errors="ignore").rstrip(" .")
    if _DEVICES.match(plain):
        plain = f"_{plain}"
    return f"{plain or 'playlist'}{extension}"
