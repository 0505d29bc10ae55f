// Inside the extension host: the real `vscode` API, no mouse, no keyboard.
const assert = require('node:assert/strict');
const fs = require('node:fs');
const vscode = require('vscode');

const ROOT = '.github/scripts/reproduce-deterministic-failures';
const folder = () => vscode.workspace.workspaceFolders[0].uri;
const file = (name) => vscode.Uri.joinPath(folder(), name);

const tests = {
  async 'lenses, problems, outline, folding and links of a log'() {
    const log = file('build.log');
    const document = await vscode.workspace.openTextDocument(log);
    await vscode.window.showTextDocument(document);
    const lenses = await until(async () => {
      const found = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', log, 100);
      return found?.length >= 4 && found;
    });
    const failing = document.getText().split('\n').findIndex((line) => line.includes('__ test_area __'));
    const titles = lenses.filter((lens) => lens.range.start.line === failing).map((lens) => lens.command.title);
    assert.deepEqual(titles, ['Generate minimal repro', 'Open failing line', 'Environment (1)']);
    const problems = await until(() => {
      const found = vscode.languages.getDiagnostics(log);
      return found.length && found;
    });
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.match(problems[0].message, /test_area: AssertionError: assert 7 == 12/);
    const outline = await until(() => vscode.commands.executeCommand('vscode.executeDocumentSymbolProvider', log));
    const named = outline.flatMap((symbol) => [symbol.name, ...symbol.children.map((child) => child.name)]);
    assert.ok(named.includes('tests/test_area.py::test_area'), named.join());
    const links = await until(() => vscode.commands.executeCommand('vscode.executeLinkProvider', log));
    assert.ok(links.some((link) => link.target?.path.endsWith('/tests/test_area.py')));
    const open = lenses.find((lens) => lens.command.title === 'Open failing line').command;
    await vscode.commands.executeCommand(open.command, ...open.arguments);
    await until(() => vscode.window.activeTextEditor?.document.uri.path.endsWith('/tests/test_area.py')
      && vscode.window.activeTextEditor.selection.active.line === 7);
  },

  async 'a test that failed in the log says so'() {
    const test = file('tests/test_area.py');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(test));
    await until(async () => {
      const found = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', test, 100);
      return found?.some((lens) => lens.command.title === 'Failed in CI: generate minimal repro');
    });
  },

  async 'a finding, its quick fix, and its end'() {
    const script = file(`${ROOT}/area/run_test.sh`);
    const document = await vscode.workspace.openTextDocument(script);
    await vscode.window.showTextDocument(document);
    const finding = await until(() => vscode.languages.getDiagnostics(script).find((it) => it.code === 'RUN003'));
    const fix = await until(async () => {
      const found = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', script, finding.range, 'quickfix');
      return found?.find((action) => action.edit?.size && /bash|shebang/i.test(action.title));
    });
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.match(document.getText(), /^#!.*bash\n/);
    await until(() => !vscode.languages.getDiagnostics(script).some((it) => it.code === 'RUN003'));
    await vscode.commands.executeCommand('undo');
    await until(() => vscode.languages.getDiagnostics(script).some((it) => it.code === 'RUN003'));
    const all = await until(async () => {
      const found = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', script,
        new vscode.Range(0, 0, 0, 0), 'source.fixAll.reprolens');
      return found?.[0];
    });
    assert.ok(await vscode.workspace.applyEdit(all.edit));
    await until(() => !vscode.languages.getDiagnostics(script).some((it) => it.code === 'RUN003'));
  },

  async 'a log of 60 MB, from the disk'() {
    const filler = '2024-05-01T10:00:00.0000000Z some output of a build that nobody reads, line after line\n';
    const big = file('big.log');
    fs.writeFileSync(big.fsPath, filler.repeat(Math.ceil((60 << 20) / filler.length)) + fs.readFileSync(file('build.log').fsPath));
    await assert.rejects(async () => vscode.workspace.openTextDocument(big), /50MB/);
    const answer = await vscode.commands.executeCommand('reprolens.failures', big.toString());
    assert.deepEqual(answer.failures.map((failure) => failure.id), ['tests/test_area.py::test_area']);
    fs.unlinkSync(big.fsPath);
  },

  async 'no problem is shown twice'() {
    const all = vscode.languages.getDiagnostics().flatMap(([uri, found]) =>
      found.map((it) => `${uri.path}:${it.range.start.line}:${it.code}:${it.message}`));
    assert.equal(new Set(all).size, all.length, all.join('\n'));
  },
};

exports.run = async () => {
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`[test] ok: ${name}`);
    } catch (error) {
      console.log(`[test] FAILED: ${name}\n${error.stack}`);
      throw error;
    }
  }
};

async function until(check, milliseconds = 15_000) {
  for (const end = Date.now() + milliseconds; ;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error('timed out: ' + check);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
