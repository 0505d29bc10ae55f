// Through the window, with the packaged extension and its own server: what only a person sees and clicks.
// SHOTS=<folder> keeps pictures; editors/screenshots is made so.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vs from './driver.mjs';

const vsix = path.join(vs.repo, 'editors/vscode', `reprolens-${process.platform}-${process.arch}.vsix`);
const profile = vs.makeProfile({ vsix: [vsix] });
const server = await vs.startServer(profile);
const { browser, page } = await vs.openWindow(server.url, profile.workspace);
const LOG = 'unit-tests-blackhole.log';
const root = path.join(profile.workspace, '.github/scripts/reproduce-deterministic-failures');
const repro = () => path.join(root, fs.readdirSync(root).find((name) => !name.startsWith('.')));
const reproTest = () => path.join(repro(), 'tests', fs.readdirSync(path.join(repro(), 'tests')).find((name) => name.endsWith('_repro.py')));
const shot = (name) => vs.shot(page, name);
const step = vs.steps('window');

try {
  await step('the log has lenses, the status bar its failures', async () => {
    await vs.openFile(page, LOG);
    await vs.lens(page, '2 failures (2 failed, 6 passed)').waitFor();
    await page.locator('.statusbar-item', { hasText: '2 CI failures' }).waitFor();
    await vs.goTo(page, 61);
    await vs.lens(page, 'Generate minimal repro').first().waitFor();
    await shot('log');
  });

  await step('a click on the lens makes a repro, opens it, and says that it fails like CI', async () => {
    await vs.lens(page, 'Generate minimal repro').first().click();
    await vs.toast(page, 'it fails like CI did').waitFor();
    await vs.tab(page, path.basename(reproTest())).waitFor();
    await vs.goTo(page, vs.testLine(reproTest()));
    await vs.lens(page, 'Verify (same)').waitFor();
    await shot('repro');
    await vs.clearToasts(page);
  });

  await step('ENV001 is in the Problems list, and its quick fix ends it', async () => {
    await vs.openFile(page, 'run_test.sh');
    const script = path.join(repro(), 'run_test.sh');
    await vs.goTo(page, fs.readFileSync(script, 'utf8').split('\n').findIndex((line) => line.startsWith('export ARCH_NAME=')) + 1);
    await page.keyboard.press('Control+Shift+KeyK');
    await vs.runCommand(page, 'Problems: Focus on Problems View');
    const row = page.locator('.markers-panel .monaco-list-row', { hasText: 'ENV001' });
    await row.filter({ hasText: 'ARCH_NAME is not set' }).waitFor();
    await row.dblclick();
    await vs.quickFix(page, 'Export ARCH_NAME', () => shot('problems'));
    await row.waitFor({ state: 'hidden' });
    await page.keyboard.press('Control+KeyS');
    await vs.until(() => /^export ARCH_NAME="?blackhole/m.test(fs.readFileSync(script, 'utf8')), 'the fixed script on the disk');
    await vs.runCommand(page, 'View: Toggle Panel Visibility');
  });

  await step('the environment of a failure, as a page', async () => {
    await vs.runCommand(page, 'View: Close All Editors');
    await vs.openFile(page, LOG);
    await vs.goTo(page, 61);
    await vs.lens(page, /^Environment/).first().click();
    const preview = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await preview.locator('td', { hasText: 'MINITENSOR_CACHE' }).first().waitFor();
    await shot('environment');
    await vs.runCommand(page, 'View: Close All Editors');
  });

  await step('the Cancel button of a running job ends its processes', async () => {
    const test = reproTest();
    const text = fs.readFileSync(test, 'utf8');
    const note = path.join(profile.root, 'pid');
    fs.writeFileSync(test, text.replace(/^import /m, `import os, time\nopen(${JSON.stringify(note)}, "w").write(str(os.getpid()))\ntime.sleep(300)\nimport `));
    await vs.openFile(page, path.basename(test));
    await vs.goTo(page, vs.testLine(test));
    await vs.lens(page, 'Verify (same, changed since)').click();
    await vs.until(() => fs.existsSync(note) && fs.readFileSync(note, 'utf8'), 'the test to run');
    const running = vs.toast(page, 'Running ');
    await running.locator('.monaco-button', { hasText: 'Cancel' }).click();
    await vs.toast(page, 'cancelled').waitFor();
    await vs.until(() => !vs.lives(Number(fs.readFileSync(note, 'utf8'))), 'the test to be ended');
    fs.writeFileSync(test, text);
    await vs.clearToasts(page);
    await vs.runCommand(page, 'View: Close All Editors');
  });

  await step('a log of 60 MB: its failures in the view, a repro by the menu of the explorer', async () => {
    fs.rmSync(root, { recursive: true });
    fs.writeFileSync(path.join(profile.workspace, 'logs/nightly.log'), vs.largeLog(path.join(profile.workspace, 'logs', LOG)));
    await vs.runCommand(page, 'Explorer: Focus on CI failures View');
    const rows = page.locator('.tree-explorer-viewlet-tree-view .monaco-list-row');
    await rows.filter({ hasText: 'nightly.log' }).waitFor();
    await vs.expandFolder(page, 'logs');
    await vs.explorerMenu(page, 'nightly.log', 'Generate minimal repro from this log');
    await vs.toast(page, 'it fails like CI did').waitFor({ timeout: 60_000 });
    await vs.tab(page, path.basename(reproTest())).waitFor();
    assert.match(fs.readFileSync(path.join(repro(), 'logs/reproduction.log'), 'utf8'), /Result: FAILED/);
    await vs.clearToasts(page);
    await rows.filter({ hasText: 'fails like CI' }).waitFor();
    await shot('failures-view');
  });

  await step('the bug is fixed: the view says that the repro passes', async () => {
    const source = path.join(profile.workspace, 'minitensor/operations.py');
    fs.writeFileSync(source, fs.readFileSync(source, 'utf8').replace('cores = min(width, input.device.grid[0])', 'cores = 1'));
    const row = page.locator('.tree-explorer-viewlet-tree-view .monaco-list-row', { hasText: path.basename(repro()) });
    await row.hover();
    await row.locator('.action-label[aria-label="Verify this repro"]').click();
    await row.filter({ hasText: 'passed' }).waitFor();
    await vs.goTo(page, vs.testLine(reproTest()));
    await vs.lens(page, 'Verify (passed)').waitFor();
  });

  await step('the Testing view has the repro with its result', async () => {
    await vs.runCommand(page, 'Testing: Focus on Test Explorer View');
    const row = page.locator('.test-explorer .monaco-list-row', { hasText: path.basename(repro()) });
    await row.locator('.codicon-testing-passed-icon').waitFor();
    await shot('testing');
  });
} catch (error) {
  await shot("failure");
  console.error(server.said().slice(-2000));
  throw error;
} finally {
  await browser.close();
  await server.stop();
  vs.removeProfile(profile);
}
