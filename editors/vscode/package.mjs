// Makes reprolens-<platform>-<cpu>.vsix with the server's binary inside. REPROLENS=<path> takes another binary than the
// release build.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const exe = process.platform === 'win32' ? 'reprolens.exe' : 'reprolens';
const binary = process.env.REPROLENS ?? path.join(here, '../../target/release', exe);
if (!fs.existsSync(binary)) {
  console.error(`${binary} is not there: run \`cargo build --release -p reprolens\` first, or set REPROLENS`);
  process.exit(1);
}
fs.mkdirSync(path.join(here, 'server'), { recursive: true });
fs.copyFileSync(binary, path.join(here, 'server', exe));
fs.chmodSync(path.join(here, 'server', exe), 0o755);
fs.copyFileSync(path.join(here, '../../LICENSE-MIT'), path.join(here, 'LICENSE'));
const target = `${process.platform}-${process.arch}`;
execFileSync(process.execPath, [
  path.join(here, 'node_modules/@vscode/vsce/vsce'), 'package', '--no-dependencies', '--allow-missing-repository',
  '--target', target, '-o', `reprolens-${target}.vsix`,
], { cwd: here, stdio: 'inherit' });
