# SPDX-License-Identifier: Apache-2.0
"""Line protocol, read strictly, as its specification says and InfluxDB 3 does it."""

import re


class Refused(Exception):
    """Why a line is none."""


def split_lines(text):
    """Lines end at a newline that is in no quoted text."""
    line, quoted, in_fields, escaped = [], False, False, False
    for c in text:
        if c == "\n" and not quoted:
            yield "".join(line)
            line, in_fields, escaped = [], False, False
            continue
        line.append(c)
        if escaped:
            escaped = False
        elif c == "\\":
            escaped = True
        elif c == " " and not quoted:
            in_fields = True
        elif c == '"' and in_fields:
            quoted = not quoted
    if line:
        yield "".join(line)


def take(line, at, special, ends):
    """An unquoted word from @at on, and where it ends."""
    word = []
    while at < len(line) and line[at] not in ends:
        if line[at] == "\\" and at + 1 < len(line):
            if line[at + 1] not in special:
                word.append("\\")
            word.append(line[at + 1])
            at += 2
        else:
            if line[at] in special:
                raise Refused(f"unescaped '{line[at]}'")
            word.append(line[at])
            at += 1
    word = "".join(word)
    if not word:
        raise Refused("missing name or value")
    if word.endswith("\\"):
        raise Refused("it ends with a backslash")
    if any(c in word for c in "\n\0"):
        raise Refused("it holds a newline")
    return word, at


def expect(line, at, c):
    if at >= len(line) or line[at] != c:
        raise Refused(f"expected '{c}'")
    return at + 1


def take_text(line, at):
    text = []
    while at < len(line) and line[at] != '"':
        if line[at] == "\\" and line[at + 1 : at + 2] in ('"', "\\"):
            at += 1
        text.append(line[at])
        at += 1
    if len("".join(text).encode()) > 65536:
        raise Refused("text is too long")
    return ["s", "".join(text)], expect(line, at, '"')


VALUES = (
    (re.compile(r"(-?[0-9]+)i(?=[, ]|$)"), "i"),
    (re.compile(r"(-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?=[, ]|$)"), "r"),
    (re.compile(r"(true|false)(?=[, ]|$)"), "b"),
)


def take_value(line, at):
    if line[at : at + 1] == '"':
        return take_text(line, at + 1)
    for pattern, kind in VALUES:
        m = pattern.match(line, at)
        if not m:
            continue
        value = m.group(1)
        if kind == "i":
            if not -(2**63) <= int(value) < 2**63:
                raise Refused("integer is out of range")
            value = str(int(value))
        elif kind == "r":
            value = repr(float(value))
            if "inf" in value:
                raise Refused("number is out of range")
        return [kind, value], m.end()
    raise Refused("invalid value")


def parse(line):
    """(measurement, tags, fields with types, time), or Refused."""
    if line.startswith("#"):
        raise Refused("it is a comment, which nobody sends")
    measurement, at = take(line, 0, ", ", ", ")
    tags, fields = {}, {}
    last = ""
    while line[at : at + 1] == ",":
        name, at = take(line, at + 1, ", =", ", =")
        value, at = take(line, expect(line, at, "="), ", =", ", ")
        if name.encode() <= last.encode():
            raise Refused("tags are not in the order of their names")
        last = name
        tags[name] = value
    at = expect(line, at, " ") - 1
    while line[at : at + 1] == ("," if fields else " "):
        name, at = take(line, at + 1, ", =", ", =")
        value, at = take_value(line, expect(line, at, "="))
        if name in fields:
            raise Refused("a field is there twice")
        fields[name] = value
    if "time" in fields or "time" in tags:
        raise Refused("time is no name for it")
    time = line[expect(line, at, " ") :]
    if not re.fullmatch(r"-?[0-9]+", time) or not -(2**63) <= int(time) < 2**63:
        raise Refused("bad timestamp")
    return measurement, tags, fields, int(time)
