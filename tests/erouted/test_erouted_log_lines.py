# SPDX-License-Identifier: GPL-2.0-or-later
"""The log lines of the guide are those that erouted's code has: code, severity, words."""

import pathlib
import re

import pytest

import guide

EROUTED = pathlib.Path(__file__).resolve().parent.parent.parent / "erouted"
SEVERITY = {"LOG_ERR": "error", "LOG_WARNING": "warning", "LOG_NOTICE": "notice"}
# a macro that logs: what it puts in front of its format
MACRO = re.compile(r"#define (LOG_\w+)\(.*?_zlog_ecref\(code, priority, +((?:\"[^\"]*\" ?)+)format", re.S)
# ... with the words among its arguments
CALL = re.compile(
    r"\b(flog_err|flog_warn|_zlog_ecref|LOG_[A-Z]+)\([^\";]*?(EC_ER_\w+),\s*(?:(LOG_\w+),\s*)?"
    r"((?:\"(?:[^\"\\]|\\.)*\"\s*)+)((?:[^\";]|\"(?:[^\"\\]|\\.)*\")*);"
)
# one conversion of printf's, or of FRR's
CONVERSION = re.compile(r"%(?:p[A-Z]\w+|[-\d]*(?:z|l|ll)?[a-z]|%)")
ROW = re.compile(r"(?m)^(\d{10}) +(error|warning|notice) +(.*\n(?: {24}.*\n)*)")
# what a row has in place of what is filled in
FILLED = re.compile(
    r"…|\b[A-Z]+\b|\b\d+\b|\([^()]*\)|"
    r"\b(?:prefixes(?: are)?|communities|advertised|reason|names|cause|counts|evidence|Advice|link|family)\b"
)


def text_of(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))


def codes():
    """EC_ER_... -> its number"""
    header = (EROUTED / "er_errors.h").read_text(encoding="utf-8")
    start = int(re.search(r"EROUTED_FERR_START (0x\w+)", header)[1], 16)
    names = re.findall(r"\bEC_ER_\w+", header[header.index("enum er_log_refs") :])
    return {name: start + number for number, name in enumerate(names)}


def formats():
    """number -> [(severity, format, other words)] of every line that the code logs with it"""
    found = {}
    for path in EROUTED.glob("*.c"):
        text = path.read_text(encoding="utf-8").replace("\\\n", "\n")
        begins = {name: text_of(begin) for name, begin in MACRO.findall(text)}
        for function, code, priority, literals, arguments in CALL.findall(text):
            severity = {"flog_err": "error", "flog_warn": "warning"}.get(function) or SEVERITY[priority]
            line = (severity, begins.get(function, "") + text_of(literals), text_of(arguments))
            found.setdefault(codes()[code], []).append(line)
    return found


def rows():
    text = (guide.GUIDE / "logging.rst").read_text(encoding="utf-8")
    return [(int(code), severity, " ".join(line.split())) for code, severity, line in ROW.findall(text)]


def test_every_code_has_a_row_and_a_line_of_code():
    numbers = sorted(codes().values())
    assert [code for code, _, _ in rows()] == numbers
    assert sorted(formats()) == numbers


@pytest.mark.parametrize("code, severity, line", rows(), ids=[str(row[0]) for row in rows()])
def test_a_row_tells_of_lines_that_the_code_can_log(code, severity, line):
    logged = formats()[code]
    # the severity of the row, and those that the row names in its middle
    told = {severity} | {word for word in SEVERITY.values() if re.search(rf"\b{word}: ", line)}
    assert {each[0] for each in logged} == told
    # from the words of the guide, those that are always the same
    words = " ".join(CONVERSION.sub("", f"{text} {other}") for _, text, other in logged)
    for piece in re.split(r"[;:,.()]", FILLED.sub(";", line)):
        piece = piece.strip()
        if len(piece.split()) > 1:
            assert piece in " ".join(words.split()), (piece, logged)


def test_the_line_that_is_shown_is_one_of_its_code():
    code, line = re.fullmatch(r"\[EC (\d+)\] (.*)\n", guide.block("logging", "[EC ")).groups()
    shapes = [".*".join(re.escape(part) for part in CONVERSION.split(text)) for _, text, _ in formats()[int(code)]]
    assert any(re.fullmatch(shape, line) for shape in shapes), shapes
