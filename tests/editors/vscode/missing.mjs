// A server that does not start: the person is told what to do, and nothing else breaks.
import assert from 'node:assert/strict';
import * as vs from './driver.mjs';

const profile = vs.makeProfile({ vsix: [vs.packaged], settings: { 'reprolens.server.path': '/nowhere/reprolens' } });
const server = await vs.startServer(profile);
const { browser, page } = await vs.openWindow(server.url, profile.workspace);
const step = vs.steps('missing');
try {
  await step('the message names the setting, and leads to it', async () => {
    await vs.openFile(page, 'unit-tests-blackhole.log');
    const told = vs.toast(page, 'the server /nowhere/reprolens does not start');
    await told.waitFor();
    await told.hover();
    await told.locator('.monaco-button', { hasText: 'Open the setting' }).click();
    await page.locator('.settings-editor').waitFor();
    assert.equal(await page.locator('.notifications-toasts .notification-list-item').count(), 0, 'another message');
  });
} catch (error) {
  await vs.shot(page, 'missing-failure');
  console.error(server.said().slice(-2000));
  throw error;
} finally {
  await browser.close();
  await server.stop();
  vs.removeProfile(profile);
}
