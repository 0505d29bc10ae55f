// A CI log in the editor, before anything is generated.
const assert = require('node:assert/strict');
const vscode = require('vscode');
const { click, file, lens, log, show, until } = require('./workspace.cjs');

const FAILED = '__ test_gather[input_shape1-index_shape1--1-DRAM-device_params0] __';

module.exports = {
  async 'a log: lenses, problems, outline, folding and links'() {
    const document = await show(log());
    const failing = document.getText().split('\n').findIndex((line) => line.includes(FAILED));
    await lens(log(), 'Generate minimal repro', failing);
    await lens(log(), 'Open failing line', failing);
    const all = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', log(), 100);
    assert.match(all.find((it) => it.range.start.line === 0).command.title, /^2 failures \(2 failed, 6 passed\)/);
    const problems = await until(() => {
      const found = vscode.languages.getDiagnostics(log());
      return found.length && found;
    });
    assert.deepEqual(problems.map((it) => it.range.start.line).filter((line) => line === failing), [failing]);
    assert.match(problems[0].message, /shape_of\(expected_result\)=\[4, 32\] vs/);
    const outline = await vscode.commands.executeCommand('vscode.executeDocumentSymbolProvider', log());
    const named = outline.flatMap((symbol) => symbol.children.map((child) => child.name));
    assert.equal(named.filter((name) => /test_gather\[input_shape1-index_shape1--1-/.test(name)).length, 2, named.join());
    const folds = await vscode.commands.executeCommand('vscode.executeFoldingRangeProvider', log());
    assert.ok(folds.length >= 3, `${folds.length} folds`);
    const links = await vscode.commands.executeCommand('vscode.executeLinkProvider', log(), 100);
    assert.ok(links.some((link) => link.target?.path.endsWith('/tests/utils_for_testing.py')));
  },

  async 'the failing line opens by its lens'() {
    await click(await lens(log(), 'Open failing line'));
    await until(() => vscode.window.activeTextEditor?.document.uri.path.endsWith('/tests/utils_for_testing.py')
      && vscode.window.activeTextEditor.selection.active.line === 18);
  },

  async 'the environment opens as a page by its lens'() {
    await show(log());
    const all = await until(async () => {
      const found = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', log(), 100);
      return found?.filter((it) => /^Environment/.test(it.command.title)).length && found;
    });
    await click(all.find((it) => /^Environment/.test(it.command.title)));
    const page = await until(() => vscode.workspace.textDocuments.find((it) => it.uri.path === '/environment.md'));
    assert.match(page.getText(), /MINITENSOR_CACHE/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  },

  async 'a test that failed in the log says so'() {
    await show(log());
    const test = file('tests/unit_tests/operations/test_gather.py');
    await show(test);
    const found = await until(async () => {
      const all = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', test, 100);
      return all?.find((it) => /^Failed in CI/.test(it.command?.title));
    });
    assert.equal(found.command.title, 'Failed in CI (2 of 6 parameter sets): generate minimal repro');
    await lens(test, 'Reproduce');
  },

  async 'every contributed command and the walkthrough are there'() {
    const extension = vscode.extensions.getExtension('reprolens.reprolens');
    const known = await vscode.commands.getCommands(true);
    for (const { command } of extension.packageJSON.contributes.commands) assert.ok(known.includes(command), command);
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', 'reprolens.reprolens#start', false);
    await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label === 'Welcome', 'the walkthrough');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  },
};
