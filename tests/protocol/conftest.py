"""A real language client (pytest-lsp) on the built server, over stdio."""

import os
import pathlib

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

from example import FILES

REPO = pathlib.Path(__file__).parents[2]
SERVER = os.environ.get("REPROLENS", str(REPO / "target/debug/reprolens"))



@pytest.fixture
def workspace(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def capabilities(encoding="utf-16", **more):
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=[encoding]),
        **more,
    )


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[SERVER, "server", "--stdio"]))
async def client(lsp_client: LanguageClient, workspace):
    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities(
                workspace=types.WorkspaceClientCapabilities(
                    workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True)
                )
            ),
            workspace_folders=[types.WorkspaceFolder(uri=workspace.as_uri(), name="w")],
        )
    )
    yield
    await lsp_client.shutdown_session()
