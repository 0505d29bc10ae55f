// Logs that VS Code gives to no extension: everything works from the disk.
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');
const { file, log, ofRepro, repros, ROOT, until } = require('./workspace.cjs');

const FILLER = '2026-11-20T08:13:00.0000000Z some output of a build that nobody reads, line after line\n';

module.exports = {
  async 'a log of 60 MB: its failures, and a verified repro'() {
    for (const name of repros()) fs.rmSync(path.join(file(ROOT).fsPath, name), { recursive: true });
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const big = file('logs/big.log');
    const lines = fs.readFileSync(log().fsPath, 'utf8').split('\n');
    const start = lines.findIndex((line) => line.includes('##[group]Run source'));
    // In the middle of the job, between its steps.
    fs.writeFileSync(big.fsPath, [...lines.slice(0, start), FILLER.repeat(Math.ceil((60 << 20) / FILLER.length)).trimEnd(),
      ...lines.slice(start)].join('\n'));
    assert.ok(fs.statSync(big.fsPath).size > 60 << 20);
    await assert.rejects(async () => vscode.workspace.openTextDocument(big), /50MB/);
    const answer = await vscode.commands.executeCommand('reprolens.failures', big.toString());
    assert.equal(answer.failures.length, 2);
    await vscode.commands.executeCommand('reprolens.generateFromFile', big);
    await until(() => vscode.window.activeTextEditor?.document.uri.path.endsWith('_repro.py'), 'the repro to be opened', 60_000);
    assert.match(fs.readFileSync(ofRepro('logs/reproduction.log').fsPath, 'utf8'), /Result: FAILED/);
    assert.match(fs.readFileSync(ofRepro('run_test.sh').fsPath, 'utf8'), /^export ARCH_NAME=blackhole/m);
    fs.unlinkSync(big.fsPath);
  },

  async 'an archive of logs: its failures, and a verified repro'() {
    for (const name of repros()) fs.rmSync(path.join(file(ROOT).fsPath, name), { recursive: true });
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const archive = file('logs/logs_17.zip');
    execFileSync('python3', ['-m', 'zipfile', '-c', archive.fsPath, log().fsPath]);
    const answer = await vscode.commands.executeCommand('reprolens.failures', archive.toString());
    assert.equal(answer.failures.length, 2);
    await vscode.commands.executeCommand('reprolens.openLine', { uri: archive, number: 1 });
    await until(() => vscode.window.activeTextEditor?.document.uri.path.endsWith('/tests/utils_for_testing.py'), 'the failing line');
    await vscode.commands.executeCommand('reprolens.generateFromFile', archive);
    await until(() => vscode.window.activeTextEditor?.document.uri.path.endsWith('_repro.py'), 'the repro to be opened', 60_000);
    assert.match(fs.readFileSync(ofRepro('logs/reproduction.log').fsPath, 'utf8'), /Result: FAILED/);
    fs.unlinkSync(archive.fsPath);
  },
};
