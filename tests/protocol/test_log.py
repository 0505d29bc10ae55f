"""What an editor gets in a log."""

import asyncio

import pytest
from lsprotocol import types


def document(path):
    return types.TextDocumentIdentifier(uri=path.as_uri())


async def opened(client, path, language="log", text=None):
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(
            text_document=types.TextDocumentItem(
                uri=path.as_uri(), language_id=language, version=1, text=path.read_text() if text is None else text
            )
        )
    )


async def published(client, path, until, seconds=5):
    """The diagnostics of a file, when they are as wanted."""
    for _ in range(seconds * 50):
        found = client.diagnostics.get(path.as_uri(), ())
        if until(found):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"not as wanted: {client.diagnostics.get(path.as_uri())}")


def line(text, part):
    return next(number for number, each in enumerate(text.splitlines()) if part in each)


@pytest.mark.asyncio
async def test_lenses_stand_on_the_failure(client, workspace):
    log = workspace / "build.log"
    await opened(client, log)
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(text_document=document(log)))
    titles = [(lens.range.start.line, lens.command.title) for lens in lenses]
    failing = line(log.read_text(), "__ test_area __")
    assert titles[0] == (0, "1 failure (1 failed, 1 passed)")
    assert (failing, "Generate minimal repro") in titles
    assert (failing, "Open failing line") in titles
    assert (failing, "Environment (1)") in titles
    generate = next(lens.command for lens in lenses if lens.command.title == "Generate minimal repro")
    assert generate.command == "reprolens.generate"
    assert list(generate.arguments) == [log.as_uri(), "tests/test_area.py::test_area"]


@pytest.mark.asyncio
async def test_every_lens_is_an_action_on_its_line(client, workspace):
    log = workspace / "build.log"
    await opened(client, log)
    at = types.Position(line=line(log.read_text(), "E       assert 7"), character=40)
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(
            text_document=document(log),
            range=types.Range(start=at, end=at),
            context=types.CodeActionContext(diagnostics=[]),
        )
    )
    assert [action.title for action in actions] == ["Generate minimal repro", "Open failing line", "Environment (1)"]


@pytest.mark.asyncio
async def test_failures_are_published_with_their_version(client, workspace):
    log = workspace / "build.log"
    await opened(client, log)
    (found,) = await published(client, log, lambda found: len(found) == 1)
    assert found.message == "test_area: AssertionError: assert 7 == 12"
    assert found.severity == types.DiagnosticSeverity.Error
    (related,) = found.related_information
    assert related.location.uri == (workspace / "tests/test_area.py").as_uri()
    assert related.location.range.start.line == 7


@pytest.mark.asyncio
async def test_a_log_that_is_emptied_has_no_failures_and_a_closed_one_shows_none(client, workspace):
    log = workspace / "build.log"
    await opened(client, log)
    await published(client, log, lambda found: len(found) == 1)
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            text_document=types.VersionedTextDocumentIdentifier(uri=log.as_uri(), version=2),
            content_changes=[types.TextDocumentContentChangeWholeDocument(text="nothing\n")],
        )
    )
    await published(client, log, lambda found: not found)
    client.text_document_did_close(types.DidCloseTextDocumentParams(text_document=document(log)))


@pytest.mark.asyncio
async def test_outline_folding_links_hover_definition(client, workspace):
    log = workspace / "build.log"
    text = log.read_text()
    await opened(client, log)
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(text_document=document(log)))
    names = [symbol.name for symbol in symbols] + [child.name for symbol in symbols for child in symbol.children or []]
    assert "test_area" in names

    folds = await client.text_document_folding_range_async(types.FoldingRangeParams(text_document=document(log)))
    assert line(text, "__ test_area __") in [fold.start_line for fold in folds]
    assert 0 in [fold.start_line for fold in folds]

    links = await client.text_document_document_link_async(types.DocumentLinkParams(text_document=document(log)))
    frame = line(text, "tests/test_area.py:8:")
    link = next(link for link in links if link.range.start.line == frame)
    assert link.target == (workspace / "tests/test_area.py").as_uri() + "#L8"

    at = types.Position(line=line(text, "FAILED tests"), character=60)
    hover = await client.text_document_hover_async(types.HoverParams(text_document=document(log), position=at))
    assert "assert 7 == 12" in hover.contents.value and "AssertionError" in hover.contents.value

    place = await client.text_document_definition_async(
        types.DefinitionParams(text_document=document(log), position=types.Position(line=frame, character=32))
    )
    assert (place.uri, place.range.start.line) == ((workspace / "tests/test_area.py").as_uri(), 7)


@pytest.mark.asyncio
async def test_commands_about_logs(client, workspace):
    log = workspace / "build.log"

    async def execute(command, *arguments):
        return await client.workspace_execute_command_async(
            types.ExecuteCommandParams(command=command, arguments=list(arguments))
        )

    # From the disk: the log is not open; by path, and by a part of the id, as a person types it.
    listed = await execute("reprolens.failures", "build.log")
    assert [failure["id"] for failure in listed["failures"]] == ["tests/test_area.py::test_area"]
    page = await execute("reprolens.showEnvironment", log.as_uri(), "area")
    assert "ARCH_NAME" in page["markdown"] and "wormhole_b0" in page["markdown"]
    opened_at = await execute("reprolens.openFailingLine", log.as_uri(), 1)
    assert opened_at == {"uri": (workspace / "tests/test_area.py").as_uri(), "line": 8}
    rule = await execute("reprolens.showRule", "RUN003")
    assert "bash" in rule["markdown"]
    repros = await execute("reprolens.repros")
    assert [repro["name"] for repro in repros["repros"]] == ["area"]


@pytest.mark.asyncio
async def test_a_test_tells_that_it_failed_in_an_open_log(client, workspace):
    await opened(client, workspace / "build.log")
    test = workspace / "tests/test_area.py"
    await opened(client, test, "python")
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(text_document=document(test)))
    assert [(lens.range.start.line, lens.command.title) for lens in lenses] == [
        (3, "Failed in CI: generate minimal repro"),
        (3, "Reproduce"),
    ]
