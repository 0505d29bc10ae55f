// Drives a real VS Code (code-server) in a real browser. Everything is on 127.0.0.1; no other name resolves.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

export const here = path.dirname(new URL(import.meta.url).pathname);
export const repo = path.resolve(here, '../../..');
/** The extension with its server inside, as `npm run package` makes it. */
export const packaged = path.join(repo, 'editors/vscode', `reprolens-${process.platform}-${process.arch}.vsix`);
const home = path.join(process.env.EDITORS_DIR ?? path.join(repo, '.editors'), 'vscode');
const node = path.join(home, 'node');
const codeServer = path.join(home, 'node_modules/code-server/out/node/entry.js');

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',  // the chat side bar would take the focus
  'workbench.editorLargeFileConfirmation': 500,
  'chat.disableAIFeatures': true,
  'workbench.enableExperiments': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'git.enabled': false,
  'files.autoSave': 'off',
  'editor.minimap.enabled': false,
  'editor.occurrencesHighlight': 'off',
  'workbench.reduceMotion': 'on',
};

/** A profile of its own with a workspace in it. Its path is short: a unix socket lies in it. */
export function makeProfile({ settings = {}, vsix = [] } = {}) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'rl-'));
  const profile = { root, userData: path.join(root, 'u'), extensions: path.join(root, 'e'), workspace: path.join(root, 'minitensor') };
  for (const folder of [path.join(profile.userData, 'User'), path.join(profile.userData, 'Machine'), profile.extensions])
    fs.mkdirSync(folder, { recursive: true });
  // The window is a remote one: settings of scope machine count in Machine/settings.json only.
  fs.writeFileSync(path.join(profile.userData, 'User/settings.json'), JSON.stringify({ ...SETTINGS, ...settings }));
  fs.writeFileSync(path.join(profile.userData, 'Machine/settings.json'), JSON.stringify(settings));
  run('python3', [path.join(here, '../workspace.py'), profile.workspace]);
  for (const file of vsix) run(node, [codeServer, ...folders(profile), '--install-extension', path.resolve(file), '--force']);
  return profile;
}

function run(program, args) {
  const done = spawnSync(program, args, { encoding: 'utf8', env: environment() });
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}\n${done.stdout}${done.stderr}`.slice(-3000));
}

const folders = (profile) =>
  ['--user-data-dir', profile.userData, '--extensions-dir', profile.extensions, '--config', os.devNull];

// In a terminal of VS Code these would make code-server talk to that window.
function environment() {
  const env = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
  for (const name of Object.keys(env)) if (/^(VSCODE_|CODE_SERVER_|PORT$|PASSWORD$)/.test(name)) delete env[name];
  return env;
}

const ROOT = '.github/scripts/reproduce-deterministic-failures';

/** The only repro folder of a profile's workspace. A name with a dot in front is one in the making. */
export function repro(profile) {
  const root = path.join(profile.workspace, ROOT);
  const found = fs.existsSync(root) ? fs.readdirSync(root).filter((name) => !name.startsWith('.')) : [];
  if (found.length !== 1) throw new Error(`one repro is expected, there are: ${found.join(', ') || 'none'}`);
  return path.join(root, found[0]);
}

export function reproTest(profile) {
  const tests = path.join(repro(profile), 'tests');
  return path.join(tests, fs.readdirSync(tests).find((name) => name.endsWith('_repro.py')));
}

export const removeProfile = (profile) =>
  fs.rmSync(profile.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });

/** Starts code-server in a process group of its own, on a free port. */
export async function startServer(profile, { trust = false, args = [] } = {}) {
  const child = spawn(node, [codeServer, '--auth', 'none', '--bind-addr', '127.0.0.1:0', '--disable-telemetry',
    '--disable-update-check', '--disable-getting-started-override',
    ...(trust ? [] : ['--disable-workspace-trust']), ...folders(profile), ...args],
  { stdio: ['ignore', 'pipe', 'pipe'], env: environment(), detached: true });
  const signal = (name) => { try { return process.kill(-child.pid, name); } catch { return false; } };
  const onExit = () => signal('SIGKILL');
  process.on('exit', onExit);
  let said = '';
  const url = await new Promise((resolve, reject) => {
    const hear = (data) => {
      said += data;
      const found = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(said);
      if (found) resolve(found[1]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => reject(new Error(`code-server ended with ${code}\n${said}`)));
  });
  return {
    url,
    said: () => said,
    // The parent ends before its extension hosts and their language servers.
    stop: async () => {
      signal('SIGTERM');
      await until(() => !signal(0), 'code-server and its children to end', 10_000).catch(() => signal('SIGKILL'));
      process.off('exit', onExit);
    },
  };
}

export async function openBrowser() {
  const { chromium } = createRequire(path.join(home, 'x.js'))('playwright-core');
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'],
  });
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.setDefaultTimeout(20_000);
  return { browser, page };
}

export async function openWindow(url, folder) {
  const { browser, page } = await openBrowser();
  await page.goto(`${url}/?folder=${encodeURIComponent(folder)}`);
  await page.locator('.monaco-workbench').waitFor();
  await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
  return { browser, page };
}

const quickInput = (page) => page.locator('.quick-input-widget:visible');
const exactly = (text) => new RegExp('^' + text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') + '$');
export const tab = (page, name) => page.locator(`.tabs-container .tab.active[data-resource-name="${name}"]`);
export const editor = (page) => page.locator('.editor-group-container.active .editor-instance .monaco-editor').first();
export const lens = (page, title) => page.locator('.codelens-decoration a', { hasText: title });

export async function openFile(page, name) {
  const base = path.basename(name);
  await retry(async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+KeyP');
    const box = quickInput(page).locator('input[type=text]');
    await box.waitFor({ timeout: 700 });   // keys are lost while the window starts
    await box.fill(name);
    await quickInput(page).locator(`.monaco-list-row.focused:has-text("${base}")`).waitFor({ timeout: 5000 });
    await page.keyboard.press('Enter');
    await tab(page, base).waitFor({ timeout: 5000 });
  });
  await editor(page).locator('.view-line').first().waitFor();
}

export async function runCommand(page, title) {
  await retry(async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    const box = quickInput(page).locator('input[type=text]');
    await box.waitFor({ timeout: 700 });
    await box.fill('>' + title);
    const row = quickInput(page).locator('.monaco-list-row')
      .filter({ has: page.locator('.label-name', { hasText: exactly(title) }) });
    await row.first().click({ timeout: 5000 });
    await quickInput(page).waitFor({ state: 'hidden', timeout: 5000 });
  });
}

/** Puts the cursor on a line (or `line:column`), which is then in the middle of the editor. */
export async function goTo(page, line) {
  await retry(async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+KeyP');
    const box = quickInput(page).locator('input[type=text]');
    await box.waitFor({ timeout: 700 });
    await box.fill(`:${line}`);
    await page.keyboard.press('Enter');
    await quickInput(page).waitFor({ state: 'hidden', timeout: 5000 });
    await page.locator('.statusbar-item', { hasText: `Ln ${String(line).split(':')[0]},` }).waitFor({ timeout: 2000 });
  });
}

/** The line of a file's test, above which its lenses are. */
export const testLine = (file) => fs.readFileSync(file, 'utf8').split('\n').findIndex((line) => line.startsWith('def test_')) + 1;

/** Opens the quick fixes at the cursor, shows them to `look`, and takes the one with that title. */
export async function quickFix(page, title, look = () => {}) {
  const menu = page.locator('.context-view .action-widget:not(.action-list-submenu-panel)');
  await retry(async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Period');
    await menu.locator('.monaco-list-row.action', { hasText: title }).waitFor({ timeout: 3000 });
  });
  await look();
  const chosen = menu.locator('.monaco-list-row.action.focused', { hasText: title });
  for (let row = 0; row < 20 && !await chosen.count(); row++) await page.keyboard.press('ArrowDown');
  await chosen.waitFor({ timeout: 2000 });
  await page.keyboard.press('Enter');
  await menu.waitFor({ state: 'hidden' });
}

export const toast = (page, text) => page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();

export async function clearToasts(page) {
  await runCommand(page, 'Notifications: Clear All Notifications');
  await page.locator('.notifications-toasts .notification-list-item').first().waitFor({ state: 'hidden' });
}

const explorerRows = (page) => page.locator('.explorer-folders-view .monaco-list-row');
const explorerRow = (page, name) => explorerRows(page).filter({ has: page.locator('.label-name', { hasText: exactly(name) }) });

export async function expandFolder(page, name) {
  const row = explorerRow(page, name).first();
  if (await row.getAttribute('aria-expanded') !== 'true') await row.click();
}

/** Chooses an entry of the menu of a file or folder of the explorer. */
export async function explorerMenu(page, name, title) {
  const entry = page.locator('.monaco-menu .action-item', { hasText: title }).first();
  await retry(async () => {
    await page.keyboard.press('Escape');
    // The explorer moves while files appear; a menu that opens meanwhile acts on another one.
    await settled(() => explorerRows(page).evaluateAll((rows) => rows.map((row) => row.className + row.ariaLabel).join()));
    await explorerRow(page, name).first().click({ button: 'right', timeout: 5000 });
    await entry.waitFor({ timeout: 2000 });
    await page.waitForTimeout(300);        // a menu ignores the mouse just after it opened
    await entry.click({ timeout: 2000 });
    await entry.waitFor({ state: 'hidden', timeout: 2000 });
  });
}

/** Drags the side bar's edge, and moves the mouse away from it. */
export async function widenSideBar(page, to) {
  const { x, width } = await page.locator('.part.sidebar').boundingBox();
  await page.mouse.move(x + width, 600);
  await page.mouse.down();
  await page.mouse.move(to, 600, { steps: 5 });
  await page.mouse.up();
  await page.mouse.move(to + 150, 500);
}

async function settled(look) {
  let last = await look();
  await until(async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await look();
    const same = now === last;
    last = now;
    return same;
  }, 'the explorer to be still');
}

/** Keeps a picture of the window, or of its upper part: they lie in the repository, so they are small. */
export const shot = (page, name, height = 800) => process.env.SHOTS
  && page.screenshot({ path: path.join(process.env.SHOTS, `${name}.png`), clip: { x: 0, y: 0, width: 1280, height } });

/** Names each step of a window's test when it is done, with its time. */
export function steps(name) {
  return async (what, work) => {
    const start = Date.now();
    try {
      await work();
    } catch (error) {
      console.log(`${name}: FAILED: ${what}`);
      throw error;
    }
    console.log(`${name}: ok: ${what} (${Date.now() - start} ms)`);
  };
}

/** Whether a process runs; one that ended and was not waited for does not. */
export function lives(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** A log of 60 MB: between two of its steps another one that says much. */
export function largeLog(file) {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes('##[group]Run source'));
  const filler = '2026-11-20T08:13:00.0000000Z some output of a build that nobody reads, line after line\n';
  return [...lines.slice(0, at), filler.repeat(Math.ceil((60 << 20) / filler.length)).trimEnd(), ...lines.slice(at)].join('\n');
}

export async function retry(gesture, times = 8) {
  for (let time = 1; ; time++) {
    try { return await gesture(); } catch (error) { if (time >= times) throw error; }
  }
}

export async function until(check, what, milliseconds = 15_000) {
  for (const end = Date.now() + milliseconds; ;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error('timed out: ' + what);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
