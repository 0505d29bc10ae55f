// The language client: which server is started, for which documents, and what is done with its answers.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions, WorkDoneProgressCancelNotification } from 'vscode-languageclient/node';
import type { Pages } from './pages';
import { Progress } from './progress';

export function makeClient(context: vscode.ExtensionContext, pages: Pages): LanguageClient {
  const configured = vscode.workspace.getConfiguration('reprolens').get<string>('server.path');
  const bundled = context.asAbsolutePath(path.join('server', process.platform === 'win32' ? 'reprolens.exe' : 'reprolens'));
  const server: ServerOptions = { command: configured || bundled, args: ['server', '--stdio'] };
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

/** An error of a command is its answer: shown, not thrown at the person as a stack. */
export async function tell(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    void vscode.window.showErrorMessage(`reprolens: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
