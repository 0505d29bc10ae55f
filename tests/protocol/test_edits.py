"""Random edits: the server's text is the client's."""

import random

import pytest
from lsprotocol import types

from test_log import opened

PIECES = ["a", "é", "😀", "\n", "\r\n", "\r", "\u2028", "\x0c", "", "export A=1\n", "x" * 40]


def lines_of(text):
    """Starts and contents of the lines as LSP has them: ended by LF, CR LF or CR, by nothing else."""
    lines, start, at = [], 0, 0
    while at < len(text):
        if text[at] in "\r\n":
            end = at
            at += 2 if text.startswith("\r\n", at) else 1
            lines.append((start, text[start:end]))
            start = at
        else:
            at += 1
    return [*lines, (start, text[start:])]


def position(random_, lines):
    number = random_.randrange(len(lines))
    start, content = lines[number]
    column = random_.randint(0, len(content))
    units = len(content[:column].encode("utf-16-le")) // 2
    return start + column, types.Position(line=number, character=units)


@pytest.mark.asyncio
async def test_the_text_after_ten_thousand_edits(client, workspace):
    random_ = random.Random(20240501)
    path = workspace / "notes/run_test.sh"
    text = "é😀\r\nb\n"
    await opened(client, path, "shellscript", text)
    for version in range(2, 10_002):
        lines = lines_of(text)
        (start, first), (end, last) = sorted((position(random_, lines), position(random_, lines)), key=lambda it: it[0])
        if random_.random() < 0.7 and len(text) < 400:
            end, last = start, first
        new = random_.choice(PIECES)
        text = text[:start] + new + text[end:]
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                text_document=types.VersionedTextDocumentIdentifier(uri=path.as_uri(), version=version),
                content_changes=[
                    types.TextDocumentContentChangePartial(range=types.Range(start=first, end=last), text=new)
                ],
            )
        )
        if version % 500 == 0:
            answer = await client.protocol.send_request_async("reprolens/text", {"uri": path.as_uri()})
            assert (answer.version, answer.text) == (version, text)
    answer = await client.protocol.send_request_async("reprolens/text", {"uri": path.as_uri()})
    assert (answer.version, answer.text) == (10_001, text)
