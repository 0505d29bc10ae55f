// Through the window, with the packaged extension and its own server: what only a person sees and clicks.
// SHOTS=<folder> keeps pictures; editors/screenshots is made so.
import fs from 'node:fs';
import path from 'node:path';
import * as vs from './driver.mjs';

const profile = vs.makeProfile({ vsix: [vs.packaged] });
const server = await vs.startServer(profile);
const { browser, page } = await vs.openWindow(server.url, profile.workspace);
const LOG = 'unit-tests-blackhole.log';
const repro = () => vs.repro(profile);
const reproTest = () => vs.reproTest(profile);
const shot = (name, height) => vs.shot(page, name, height);
const step = vs.steps('window');

try {
  await step('the log has lenses, the status bar its failures', async () => {
    await vs.openFile(page, LOG);
    await vs.lens(page, '2 failures (2 failed, 6 passed)').waitFor();
    await page.locator('.statusbar-item', { hasText: '2 CI failures' }).waitFor();
    await vs.goTo(page, 61);
    await vs.lens(page, 'Generate minimal repro').first().waitFor();
    await shot('log', 560);
  });

  await step('a click on the lens makes a repro, opens it, and says that it fails like CI', async () => {
    await vs.lens(page, 'Generate minimal repro').first().click();
    await vs.toast(page, 'fails like CI, same error').waitFor();
    await vs.tab(page, path.basename(reproTest())).waitFor();
    await vs.goTo(page, vs.testLine(reproTest()));
    await vs.lens(page, 'Verify (fails like CI)').waitFor();
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

  await step('the workflow tells what failed in its job, and what became of its variables', async () => {
    const name = 'unit-tests.yaml';
    const lines = fs.readFileSync(path.join(profile.workspace, '.github/workflows', name), 'utf8').split('\n');
    const line = lines.findIndex((each) => each.includes('ARCH_NAME:'));
    await vs.openFile(page, name);
    await vs.goTo(page, `${line + 1}:${lines[line].indexOf('ARCH_NAME') + 3}`);
    await vs.lens(page, `Failed in CI (2 failures, ${LOG})`).waitFor();
    await page.mouse.move(200, 640);
    await vs.runCommand(page, 'Show or Focus Hover');
    await page.locator('.monaco-hover', { hasText: `repro ${path.basename(repro())}: blackhole; run_test.sh sets blackhole` }).waitFor();
    await page.waitForTimeout(500);   // it fades in
    await shot('workflow', 560);
    await page.keyboard.press('Escape');
  });

  await step('the environment of a failure, as a page', async () => {
    await vs.runCommand(page, 'View: Close All Editors');
    await vs.openFile(page, LOG);
    await vs.goTo(page, 61);
    await vs.lens(page, /^Environment/).first().click();
    const preview = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await preview.locator('td', { hasText: 'MINITENSOR_CACHE' }).first().waitFor();
    await vs.runCommand(page, 'View: Toggle Primary Side Bar Visibility');
    await preview.locator('pre').first().evaluate((command) => command.scrollIntoView());
    await shot('environment', 560);
  });
} catch (error) {
  await shot('window-failure');
  console.error(server.said().slice(-2000));
  throw error;
} finally {
  await browser.close();
  await server.stop();
  vs.removeProfile(profile);
}
