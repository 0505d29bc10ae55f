"""What an editor gets in a repro folder."""

import pytest
from lsprotocol import types

from example import ROOT
from test_log import document, opened, published


@pytest.mark.asyncio
async def test_findings_are_published_and_their_quick_fix_and_fix_all_mend_them(client, workspace):
    script = workspace / ROOT / "area/run_test.sh"
    await opened(client, script, "shellscript")
    found = await published(client, script, lambda found: any(each.code == "RUN003" for each in found))
    (shebang,) = [each for each in found if each.code == "RUN003"]
    for only, count in ((types.CodeActionKind.QuickFix, 1), ("source.fixAll.reprolens", 1), ("refactor", 0)):
        actions = await client.text_document_code_action_async(
            types.CodeActionParams(
                text_document=document(script),
                range=shebang.range,
                context=types.CodeActionContext(diagnostics=[shebang], only=[only]),
            )
        )
        mending = [action for action in actions if getattr(action, "edit", None) and "#!" in str(action.edit)]
        assert len(mending) == count, (only, actions)
        if mending:
            (change,) = mending[0].edit.document_changes
            assert change.text_document.version == 1
            assert any(edit.new_text.startswith("#!") for edit in change.edits)


@pytest.mark.asyncio
async def test_files_that_are_not_open_have_their_findings_too(client, workspace):
    script = workspace / ROOT / "area/run_test.sh"
    await opened(client, script, "shellscript")
    readme = script.with_name("README.md")
    await published(client, readme, lambda found: any(each.code == "DOC001" for each in found))
    client.text_document_did_close(types.DidCloseTextDocumentParams(text_document=document(script)))
    await published(client, readme, lambda found: not found)


@pytest.mark.asyncio
async def test_the_script_has_the_commands_of_its_repro(client, workspace):
    script = workspace / ROOT / "area/run_test.sh"
    await opened(client, script, "shellscript")
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(text_document=document(script)))
    assert [lens.command.title for lens in lenses] == ["Run", "Verify (never run)", "Minimize"]
