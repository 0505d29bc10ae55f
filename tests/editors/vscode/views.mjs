// Through the window: the view of CI failures, the Testing view, a log of 60 MB, the Cancel button.
// SHOTS=<folder> keeps pictures; editors/screenshots is made so.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vs from './driver.mjs';

const profile = vs.makeProfile({ vsix: [vs.packaged] });
const server = await vs.startServer(profile);
const { browser, page } = await vs.openWindow(server.url, profile.workspace);
const LOG = 'unit-tests-blackhole.log';
const repro = () => vs.repro(profile);
const reproTest = () => vs.reproTest(profile);
const shot = (name) => vs.shot(page, name);
const step = vs.steps('views');

try {
  await step('a log of 60 MB: its failures in the view, a repro by the menu of the explorer', async () => {
    fs.writeFileSync(path.join(profile.workspace, 'logs/nightly.log'), vs.largeLog(path.join(profile.workspace, 'logs', LOG)));
    await vs.runCommand(page, 'Explorer: Focus on CI failures View');
    const rows = page.locator('.tree-explorer-viewlet-tree-view .monaco-list-row');
    await rows.filter({ hasText: 'nightly.log' }).waitFor();
    await vs.expandFolder(page, 'logs');
    await vs.explorerMenu(page, 'nightly.log', 'Generate minimal repro from this log');
    await vs.toast(page, 'fails like CI, same error').waitFor({ timeout: 60_000 });
    await vs.tab(page, path.basename(reproTest())).waitFor();
    assert.match(fs.readFileSync(path.join(repro(), 'logs/reproduction.log'), 'utf8'), /Result: FAILED/);
    await vs.clearToasts(page);
    // The view gets the room of the folders.
    await page.locator('.explorer-viewlet .pane-header', { hasText: 'minitensor' }).click();
    await rows.filter({ hasText: 'fails like CI' }).waitFor();
    await vs.widenSideBar(page, 620);
    await shot('failures-view');
    await vs.widenSideBar(page, 350);
  });

  await step('the bug is fixed: the view says that the repro passes', async () => {
    const source = path.join(profile.workspace, 'minitensor/operations.py');
    fs.writeFileSync(source, fs.readFileSync(source, 'utf8').replace('cores = min(width, input.device.grid[0])', 'cores = 1'));
    const row = page.locator('.tree-explorer-viewlet-tree-view .monaco-list-row', { hasText: path.basename(repro()) });
    await row.hover();
    await row.locator('.action-label[aria-label="Verify this repro"]').click();
    await row.filter({ hasText: 'passed' }).waitFor();
    await vs.openFile(page, path.basename(reproTest()));
    await vs.goTo(page, vs.testLine(reproTest()));
    // The lenses of a test tell what the logs say of it: a debug build reads the 60 MB for them first.
    await vs.lens(page, 'Verify (passed)').waitFor({ timeout: 60_000 });
  });

  await step('the Testing view has the repro with its result', async () => {
    await page.mouse.move(700, 500);
    await vs.runCommand(page, 'Testing: Focus on Test Explorer View');
    const row = page.locator('.test-explorer .monaco-list-row', { hasText: path.basename(repro()) });
    await row.locator('.codicon-testing-passed-icon').waitFor();
    await shot('testing');
  });

  await step('the Cancel button of a running job ends its processes', async () => {
    const test = reproTest();
    const text = fs.readFileSync(test, 'utf8');
    const note = path.join(profile.root, 'pid');
    fs.writeFileSync(test, text.replace(/^import /m, `import os, time\nopen(${JSON.stringify(note)}, "w").write(str(os.getpid()))\ntime.sleep(300)\nimport `));
    await vs.openFile(page, path.basename(test));
    await vs.goTo(page, vs.testLine(test));
    await vs.lens(page, /^Verify \(passed/).click();
    await vs.until(() => fs.existsSync(note) && fs.readFileSync(note, 'utf8'), 'the test to run');
    const running = vs.toast(page, 'Verifying ');
    await running.locator('.monaco-button', { hasText: 'Cancel' }).click();
    await vs.toast(page, 'cancelled').waitFor();
    await vs.until(() => !vs.lives(Number(fs.readFileSync(note, 'utf8'))), 'the test to be ended');
    fs.writeFileSync(test, text);
  });
} catch (error) {
  await shot('views-failure');
  console.error(server.said().slice(-2000));
  throw error;
} finally {
  await browser.close();
  await server.stop();
  vs.removeProfile(profile);
}
