// Runs host/all.cjs inside a real extension host: the extension from its folder, the result over a page function.
import path from 'node:path';
import * as vs from './driver.mjs';

const profile = vs.makeProfile({ settings: { 'reprolens.server.path': process.env.REPROLENS } });
// A built VS Code takes these payload keys only with this option.
const server = await vs.startServer(profile, { args: ['--vscode-option', 'enable-smoke-test-driver'] });
const remote = (file) => `vscode-remote://${new URL(server.url).host}${file}`;
const { browser, page } = await vs.openBrowser();
try {
  const ended = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
  await page.exposeFunction('codeAutomationLog', (_type, args) => {
    if (process.env.VERBOSE || String(args[0]).startsWith('[test]')) console.log(...args);
  });
  const payload = JSON.stringify([
    ['extensionDevelopmentPath', remote(path.join(vs.repo, 'editors/vscode'))],
    ['extensionTestsPath', remote(path.join(vs.here, 'host/all.cjs'))],
    ['skipWelcome', 'true'],
  ]);
  await page.goto(`${server.url}/?folder=${encodeURIComponent(profile.workspace)}&payload=${encodeURIComponent(payload)}`);
  process.exitCode = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 120_000, 2).unref())]);
} finally {
  await browser.close();
  await server.stop();
  vs.removeProfile(profile);
}
