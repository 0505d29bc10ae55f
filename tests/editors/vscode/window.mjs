// Through the window, with the packaged extension and its own server: what only a person sees. SHOTS=<folder> keeps pictures.
import path from 'node:path';
import * as vs from './driver.mjs';

const vsix = path.join(vs.repo, 'editors/vscode', `reprolens-${process.platform}-${process.arch}.vsix`);
const profile = vs.makeProfile({ vsix: [vsix] });
const server = await vs.startServer(profile);
const { browser, page } = await vs.openWindow(server.url, profile.workspace);
const shot = (name) => process.env.SHOTS && page.screenshot({ path: path.join(process.env.SHOTS, name + '.png') });
try {
  await vs.openFile(page, 'build.log');
  await vs.lens(page, 'Generate minimal repro').waitFor();
  await page.locator('.statusbar-item', { hasText: 'CI failure' }).waitFor();
  await shot('log');

  await vs.lens(page, 'Environment (1)').click();
  const preview = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await preview.locator('td', { hasText: 'ARCH_NAME' }).waitFor();
  await shot('environment');
  // The page is in a group of its own; one log in one group is what the rest looks at.
  await vs.runCommand(page, 'View: Close All Editors');

  await vs.openFile(page, 'build.log');
  await vs.runCommand(page, 'Problems: Focus on Problems View');
  const rows = page.locator('.markers-panel .monaco-list-row');
  await rows.filter({ hasText: 'assert 7 == 12' }).first().waitFor();
  await shot('problems');

  await vs.openFile(page, 'build.log');
  await vs.lens(page, 'Open failing line').click();
  await vs.tab(page, 'test_area.py').waitFor();
  await vs.lens(page, 'Failed in CI: generate minimal repro').waitFor();
  await shot('test');
  console.log('window: ok');
} catch (error) {
  await shot('failure');
  console.error(server.said().slice(-2000));
  throw error;
} finally {
  await browser.close();
  await server.stop();
  vs.removeProfile(profile);
}
