// Workspace trust, through the window: refused, logs are read and repros are written, and nothing of the workspace is run;
// given, the same lens runs it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vs from './driver.mjs';

const profile = vs.makeProfile({ vsix: [vs.packaged], settings: { 'security.workspace.trust.startupPrompt': 'always' } });
const repro = () => vs.repro(profile);
const reproTest = () => vs.reproTest(profile);
// Whatever runs pytest here leaves a mark.
const ran = path.join(profile.root, 'ran');
const conftest = path.join(profile.workspace, 'conftest.py');
fs.writeFileSync(conftest, `open(${JSON.stringify(ran)}, "w")\n${fs.readFileSync(conftest, 'utf8')}`);

const server = await vs.startServer(profile, { trust: true });
const { browser, page } = await vs.openWindow(server.url, profile.workspace);
const step = vs.steps('trust');
try {
  await step('refused: the log is read, a repro is written and not run', async () => {
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.locator('.monaco-button', { hasText: "No, I don't trust" }).click();
    await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    await vs.openFile(page, 'unit-tests-blackhole.log');
    await vs.goTo(page, 61);
    await vs.lens(page, 'Generate minimal repro').first().click();
    await vs.toast(page, 'not verified').waitFor({ timeout: 40_000 });
    await vs.goTo(page, vs.testLine(reproTest()));
    await vs.lens(page, 'Verify (never run)').waitFor();
    assert.ok(!fs.existsSync(path.join(repro(), 'logs/reproduction.log')));
    await vs.clearToasts(page);
  });

  await step('refused: verifying says why not', async () => {
    await vs.lens(page, 'Verify (never run)').click();
    await vs.toast(page, 'this workspace is not trusted').waitFor();
    assert.ok(!fs.existsSync(ran), 'something was run');
    await vs.clearToasts(page);
  });

  await step('given: the same lens runs it', async () => {
    await vs.runCommand(page, 'Workspaces: Manage Workspace Trust');
    await page.locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust$/ }).click();
    await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ state: 'hidden' });
    await vs.openFile(page, path.basename(reproTest()));
    await vs.goTo(page, vs.testLine(reproTest()));
    await vs.lens(page, 'Verify (never run)').click();
    await vs.lens(page, 'Verify (fails like CI)').waitFor({ timeout: 40_000 });
    assert.ok(fs.existsSync(ran));
  });
} catch (error) {
  await vs.shot(page, 'trust-failure');
  console.error(server.said().slice(-2000));
  throw error;
} finally {
  await browser.close();
  await server.stop();
  vs.removeProfile(profile);
}
