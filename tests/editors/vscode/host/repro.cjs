// From the lens over a failure to a repro that is verified, mended, fixed and cancelled.
const assert = require('node:assert/strict');
const fs = require('node:fs');
const vscode = require('vscode');
const {
  click, deleteLine, edit, file, finding, lens, log, ofRepro, repros, reproTest, show, until, withFinding, withoutFinding,
} = require('./workspace.cjs');

const BUG = 'cores = min(width, input.device.grid[0])';

module.exports = {
  async 'the lens over a failure makes a repro, opened and verified'() {
    await show(log());
    assert.deepEqual(repros(), []);
    await click(await lens(log(), 'Generate minimal repro'));
    await until(() => vscode.window.activeTextEditor?.document.uri.path.endsWith('_repro.py'), 'the repro to be opened', 60_000);
    assert.equal(vscode.window.activeTextEditor.document.uri.path, reproTest().path);
    for (const name of ['run_test.sh', 'README.md', 'logs/ci.log', 'logs/reproduction.log']) assert.ok(fs.existsSync(ofRepro(name).fsPath), name);
    assert.ok(fs.statSync(ofRepro('run_test.sh').fsPath).mode & 0o100, 'run_test.sh can be executed');
    await lens(reproTest(), 'Verify (fails like CI)');
  },

  async 'what was generated has no finding'() {
    for (const uri of [ofRepro('run_test.sh'), ofRepro('README.md'), reproTest()]) await show(uri);
    await lens(ofRepro('run_test.sh'), 'Verify (fails like CI)');
    const found = [ofRepro('run_test.sh'), ofRepro('README.md'), reproTest()].flatMap((uri) => vscode.languages.getDiagnostics(uri));
    assert.deepEqual(found.filter((it) => it.severity <= vscode.DiagnosticSeverity.Warning).map((it) => it.message), []);
  },

  async 'ENV001 is a problem, and its quick fix ends it'() {
    const script = ofRepro('run_test.sh');
    const document = await show(script);
    const before = document.getText();
    await deleteLine(document, 'export ARCH_NAME=');
    const missing = await withFinding(script, 'ENV001');
    assert.match(missing.message, /ARCH_NAME/);
    const fix = await until(async () => {
      const found = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', script, missing.range, 'quickfix');
      return found?.find((action) => action.edit?.size && /ARCH_NAME/.test(action.title));
    }, 'the quick fix of ENV001');
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    await withoutFinding(script, 'ENV001');
    assert.match(document.getText(), /^export ARCH_NAME="?blackhole\b/m);
    await edit(script, new vscode.Range(0, 0, document.lineCount, 0), before);
    await document.save();
  },

  async 'fix all mends a script with several findings'() {
    const script = ofRepro('run_test.sh');
    const document = await show(script);
    await deleteLine(document, '#!/usr/bin/env bash');
    await deleteLine(document, 'export ARCH_NAME=');
    await withFinding(script, 'ENV001');
    await withFinding(script, 'RUN003');
    await vscode.commands.executeCommand('reprolens.fixAllInFile');
    await withoutFinding(script, 'ENV001');
    await withoutFinding(script, 'RUN003');
    await document.save();
    assert.match(fs.readFileSync(script.fsPath, 'utf8'), /^#!\/usr\/bin\/env bash\n/);
  },

  async 'hover and definition in run_test.sh know the origin'() {
    const script = ofRepro('run_test.sh');
    const document = await show(script);
    const line = document.getText().split('\n').findIndex((it) => it.startsWith('export MINITENSOR_FAST_DISPATCH='));
    const at = new vscode.Position(line, 'export MINI'.length);
    const hovers = await until(async () => {
      const found = await vscode.commands.executeCommand('vscode.executeHoverProvider', script, at);
      return found?.length && found;
    }, 'the hover');
    assert.match(hovers.map((it) => it.contents.map((part) => part.value ?? part).join()).join(), /run\\?_unit\\?_tests\\?\.sh/);
    const [definition] = await until(async () => {
      const found = await vscode.commands.executeCommand('vscode.executeDefinitionProvider', script, at);
      return found?.length && found;
    }, 'the definition');
    assert.match((definition.targetUri ?? definition.uri).path, /\/tests\/scripts\/run_unit_tests\.sh$/);
  },

  async 'the verdict changes when the bug is fixed, and back'() {
    const source = file('minitensor/operations.py').fsPath;
    const buggy = fs.readFileSync(source, 'utf8');
    assert.ok(buggy.includes(BUG));
    await show(reproTest());
    fs.writeFileSync(source, buggy.replace(BUG, 'cores = 1'));
    // The script was edited meanwhile, which the lens says too.
    await click(await lens(reproTest(), /^Verify \(fails like CI/));
    await lens(reproTest(), 'Verify (passed)');
    fs.writeFileSync(source, buggy);
    await click(await lens(reproTest(), 'Verify (passed)'));
    await lens(reproTest(), 'Verify (fails like CI)');
  },

  async 'a running job is cancelled, and its processes end'() {
    const test = reproTest().fsPath;
    const text = fs.readFileSync(test, 'utf8');
    const note = file('pid').fsPath;
    fs.writeFileSync(test, `import os, time\nopen(${JSON.stringify(note)}, "w").write(str(os.getpid()))\ntime.sleep(300)\n`);
    await vscode.commands.executeCommand('reprolens.verifyFolder', ofRepro('run_test.sh'));
    const process = await until(() => fs.existsSync(note) && Number(fs.readFileSync(note, 'utf8')), 'the test to run');
    assert.ok(fs.existsSync(`/proc/${process}`));
    await vscode.commands.executeCommand('reprolens.cancelJobs');
    await until(() => !fs.existsSync(`/proc/${process}`) || /^State:\s+Z/m.test(fs.readFileSync(`/proc/${process}/status`, 'utf8')),
      'the test to be ended', 10_000);
    fs.writeFileSync(test, text);
    fs.unlinkSync(note);
    await vscode.commands.executeCommand('reprolens.verifyFolder', ofRepro('run_test.sh'));
    await lens(reproTest(), 'Verify (fails like CI)');
  },

  async 'running it in the Testing view verifies it'() {
    const output = ofRepro('logs/reproduction.log').fsPath;
    const before = fs.statSync(output).mtimeMs;
    await vscode.commands.executeCommand('testing.runAll');
    await until(() => fs.statSync(output).mtimeMs > before, 'a new run');
    await lens(reproTest(), 'Verify (fails like CI)');
  },

  async 'a setting counts at once'() {
    const settings = vscode.workspace.getConfiguration('reprolens', log());
    await show(reproTest());
    assert.equal(finding(reproTest(), 'TST002'), undefined);
    await settings.update('max-lines', 5, vscode.ConfigurationTarget.Workspace);
    await withFinding(reproTest(), 'TST002');
    await settings.update('max-lines', undefined, vscode.ConfigurationTarget.Workspace);
    await withoutFinding(reproTest(), 'TST002');
  },

  async 'no problem is shown twice'() {
    const all = vscode.languages.getDiagnostics().flatMap(([uri, found]) =>
      found.map((it) => `${uri.path}:${it.range.start.line}:${it.code?.value ?? it.code}:${it.message}`));
    assert.equal(new Set(all).size, all.length, all.join('\n'));
  },
};
