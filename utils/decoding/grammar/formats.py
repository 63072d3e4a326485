"""The formats of texts in JSON Schema, each as a pattern of texts that are certainly of the format.

Validators differ in what they take: some leave years below 1, leap seconds, one-letter hosts or comments in addresses.
A pattern here holds what all of them take, RFC 3339, 3986, 4122, 5321, 5890 and 6901 behind them.
"""

from __future__ import annotations

_YEAR = r"(?:[1-9]\d{3}|0[1-9]\d{2})"
_LEAP_YEAR = r"(?:(?:[1-9]\d|0[1-9])(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26]|0[48])00)"
_DATE = (
    rf"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    rf"|02-(?:0[1-9]|1\d|2[0-8]))|{_LEAP_YEAR}-02-29)"
)
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_COUNT = r"\d{1,4}"
_CLOCK = rf"T(?:{_COUNT}H(?:{_COUNT}M)?(?:{_COUNT}S)?|{_COUNT}M(?:{_COUNT}S)?|{_COUNT}S)"
_DAYS = rf"(?:{_COUNT}Y(?:{_COUNT}M(?:{_COUNT}D)?)?|{_COUNT}M(?:{_COUNT}D)?|{_COUNT}D)"
_DURATION = rf"P(?:{_DAYS}(?:{_CLOCK})?|{_CLOCK}|{_COUNT}W)"
_LABEL = r"[A-Za-z][A-Za-z0-9]{0,20}(?:-[A-Za-z0-9]{1,20}){0,2}"
_HOST = rf"{_LABEL}(?:\.{_LABEL}){{0,3}}"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d{2}|[1-9]?\d)"
_GROUP = "[0-9A-Fa-f]{1,4}"
_SHORTENED = "|".join(
    (rf"{_GROUP}(?::{_GROUP}){{{before - 1}}}" if before else "")
    + "::"
    + (rf"(?:{_GROUP}(?::{_GROUP}){{0,{6 - before}}})?" if before < 7 else "")
    for before in range(7)
)
_SEGMENT = r"(?:[A-Za-z0-9_.~-]|%[0-9A-Fa-f]{2})"
_PATH = rf"(?:/{_SEGMENT}*)*"
_TAIL = rf"(?:\?(?:{_SEGMENT}|[/=&+])*)?(?:#(?:{_SEGMENT}|/)*)?"
_URI = rf"(?:https?|ftp)://{_HOST}(?::[1-9]\d{{0,3}})?{_PATH}{_TAIL}"

_FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": rf"{_DATE}T{_TIME}",
    "duration": _DURATION,
    "email": rf"[A-Za-z0-9_+-]{{1,30}}(?:\.[A-Za-z0-9_+-]{{1,15}}){{0,2}}@{_HOST}",
    "hostname": _HOST,
    "ipv4": rf"{_OCTET}(?:\.{_OCTET}){{3}}",
    "ipv6": rf"{_GROUP}(?::{_GROUP}){{7}}|{_SHORTENED}",
    "uuid": "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "uri": _URI,
    "uri-reference": rf"{_URI}|/(?:{_SEGMENT}+(?:/{_SEGMENT}+)*)?{_TAIL}",
    "json-pointer": r"(?:/(?:[A-Za-z0-9_ .-]|~[01])*)*",
    "relative-json-pointer": r"(?:0|[1-9]{1,4})(?:#|(?:/(?:[A-Za-z0-9_ .-]|~[01])*)*)",
    "regex": "[A-Za-z0-9_ ]*",
    "color": "#[0-9A-Fa-f]{6}",
}
_SAME = {
    "idn-email": "email",
    "idn-hostname": "hostname",
    "host-name": "hostname",
    "ip-address": "ipv4",
    "iri": "uri",
    "iri-reference": "uri-reference",
    "uri-template": "uri",
}


def format_pattern(name: str) -> str | None:
    """Return a pattern of texts that are of a format, None for a name that JSON Schema does not know.

    The standard gives a meaning to the names of its own list only; any other says nothing about a text.
    """
    pattern = _FORMATS.get(_SAME.get(name, name))
    return None if pattern is None else f"^(?:{pattern})$"
