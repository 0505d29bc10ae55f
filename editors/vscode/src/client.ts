// The language client: which server is started, for which documents, and what is done with its answers.
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions, WorkDoneProgressCancelNotification } from 'vscode-languageclient/node';
import type { Pages } from './pages';
import { Progress } from './progress';

export function makeClient(context: vscode.ExtensionContext, pages: Pages): LanguageClient {
  const server: ServerOptions = { command: configured() || bundled(context), args: ['server', '--stdio'] };
  const progress = new Progress((token) => client.sendNotification(WorkDoneProgressCancelNotification.type, { token }));
  const options: LanguageClientOptions = {
    // Globs, not only languages: logs are often plain text.
    documentSelector: [
      { scheme: 'file', language: 'log' },
      { scheme: 'file', pattern: '**/*.log' },
      { scheme: 'file', pattern: '**/logs/*.txt' },
      { scheme: 'untitled', language: 'log' },
      { scheme: 'file', language: 'python' },
      { scheme: 'file', pattern: '**/run_test.sh' },
      { scheme: 'file', pattern: '**/README.md' },
      { scheme: 'file', pattern: '**/.github/**/*.{yml,yaml}' },
      { scheme: 'file', pattern: '**/.gitlab-ci.yml' },
      { scheme: 'file', language: 'shellscript' },
      { scheme: 'file', pattern: '**/{reprolens,pyproject}.toml' },
    ],
    initializationOptions: () => ({ views: true, trusted: vscode.workspace.isTrusted }),
    synchronize: { configurationSection: 'reprolens' },
    middleware: {
      executeCommand: async (command, args, next) => {
        const answer: unknown = await tell(Promise.resolve(next(command, args)));
        await pages.show(answer);
        return answer;
      },
      handleWorkDoneProgress: (token, value) => progress.handle(token, value),
    },
  };
  const client = new LanguageClient('reprolens', 'reprolens', server, options);
  return client;
}

const configured = (): string | undefined => vscode.workspace.getConfiguration('reprolens').get<string>('server.path');

const bundled = (context: vscode.ExtensionContext): string =>
  context.asAbsolutePath(path.join('server', process.platform === 'win32' ? 'reprolens.exe' : 'reprolens'));

/** Starts the server, and returns whether it runs; what is wrong with it is told with what to do. */
export async function start(client: LanguageClient, context: vscode.ExtensionContext): Promise<boolean> {
  const own = configured();
  const program = own || bundled(context);
  const advice = own
    ? 'Correct the setting reprolens.server.path, or empty it to start the server of the extension.'
    : 'Install the extension\'s package for this platform, or set reprolens.server.path to a server that you built.';
  // Not tried where it cannot work: the client library would say so too, in other words.
  let problem = path.isAbsolute(program) && !existsSync(program) ? 'there is no such file' : undefined;
  if (!problem) await client.start().catch((error: unknown) => { problem = words(error); });
  if (problem) {
    void sayWithSettings(vscode.window.showErrorMessage, `reprolens: the server ${program} does not start: ${problem}. ${advice}`);
    return false;
  }
  const found = client.initializeResult?.serverInfo;
  const { version } = context.extension.packageJSON as { version: string };
  const minor = (it?: string): string | undefined => it?.split('.').slice(0, 2).join('.');
  if (minor(found?.version) !== minor(version))
    void sayWithSettings(vscode.window.showWarningMessage, `reprolens: ${program} is ${found?.name ?? 'no reprolens'} ${found?.version ?? ''}, and the `
      + `extension is ${version}. Build the server from the same sources (cargo install --path server/reprolens), or empty reprolens.server.path.`);
  return true;
}

async function sayWithSettings(say: (message: string, ...items: string[]) => Thenable<string | undefined>, message: string): Promise<void> {
  if (await say(message, 'Open the setting')) await vscode.commands.executeCommand('workbench.action.openSettings', 'reprolens.server.path');
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** An error of a command is its answer: shown, not thrown at the person as a stack. */
export async function tell(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    void vscode.window.showErrorMessage(`reprolens: ${words(error)}`);
    return undefined;
  }
}
