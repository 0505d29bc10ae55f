// What the tests inside the extension host share: the workspace's files, and questions to the real `vscode` API.
const fs = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');

const folder = () => vscode.workspace.workspaceFolders[0].uri;
const file = (name) => vscode.Uri.joinPath(folder(), name);
const log = () => file('logs/unit-tests-blackhole.log');
const ROOT = '.github/scripts/reproduce-deterministic-failures';

/** The repro folders that are there. A name with a dot in front is one in the making. */
function repros() {
  const root = file(ROOT).fsPath;
  return fs.existsSync(root) ? fs.readdirSync(root).filter((name) => !name.startsWith('.')) : [];
}

/** A file of the only repro. */
function ofRepro(name) {
  const [only, second] = repros();
  if (!only || second) throw new Error(`one repro is expected, there are: ${repros().join(', ') || 'none'}`);
  return file(path.posix.join(ROOT, only, name));
}

const reproTest = () => ofRepro(`tests/${fs.readdirSync(ofRepro('tests').fsPath).find((name) => name.endsWith('_repro.py'))}`);

async function show(uri) {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

async function until(check, what, milliseconds = 20_000) {
  for (const end = Date.now() + milliseconds; ;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`timed out: ${what ?? check}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The lens whose title is that or matches it, on that line if one is given. Its command is what a click runs. */
function lens(uri, title, line) {
  return until(async () => {
    const found = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', uri, 100);
    const fits = (it) => (title instanceof RegExp ? title.test(it.command?.title) : it.command?.title === title);
    return found?.find((it) => fits(it) && (line === undefined || it.range.start.line === line));
  }, `the lens ${title} in ${uri.path}`);
}

const click = (found) => vscode.commands.executeCommand(found.command.command, ...found.command.arguments);

const finding = (uri, code) => vscode.languages.getDiagnostics(uri).find((it) => it.code === code || it.code?.value === code);

const withFinding = (uri, code) => until(() => finding(uri, code), `${code} in ${uri.path}`);

const withoutFinding = (uri, code) => until(() => !finding(uri, code), `no ${code} in ${uri.path}`);

async function edit(uri, range, text) {
  const change = new vscode.WorkspaceEdit();
  change.replace(uri, range, text);
  if (!await vscode.workspace.applyEdit(change)) throw new Error(`the edit of ${uri.path} was refused`);
}

/** Deletes the line that holds a text. */
function deleteLine(document, text) {
  const line = document.getText().split('\n').findIndex((it) => it.includes(text));
  if (line < 0) throw new Error(`no line of ${document.uri.path} holds ${text}`);
  return edit(document.uri, new vscode.Range(line, 0, line + 1, 0), '');
}

module.exports = {
  click, deleteLine, edit, file, finding, lens, log, ofRepro, repros, reproTest, ROOT, show, until, withFinding, withoutFinding,
};
