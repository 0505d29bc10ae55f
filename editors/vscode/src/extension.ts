// The client: starts the server, forwards commands, shows what the server finds. Nothing is decided here.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from 'vscode-languageclient/node';
import { Failures } from './failures';
import { Pages } from './pages';

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const pages = new Pages();
  const status = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Left);
  status.name = 'reprolens';
  status.command = 'reprolens.failures.focus';
  context.subscriptions.push(status, pages);

  client = makeClient(context, pages);
  const running = client;
  const execute = (command: string, ...args: unknown[]): Promise<unknown> =>
    running.sendRequest('workspace/executeCommand', { command, arguments: args });
  const failures = new Failures(execute, (count) => {
    status.text = `$(beaker) ${count === 1 ? '1 CI failure' : `${count} CI failures`}`;
    status.tooltip = 'reprolens: failures of the CI logs in this workspace';
    if (count > 0) status.show();
    else status.hide();
  });

  // Errors of a command are its answer: shown, not thrown at the person as a stack.
  const tell = async (work: Promise<unknown>): Promise<unknown> => {
    try {
      return await work;
    } catch (error) {
      void vscode.window.showErrorMessage(`reprolens: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const register = (name: string, run: (...args: never[]) => unknown): void => {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  };
  register('reprolens.generateFromFile', (target?: Target) => {
    const uri = uriOf(target);
    if (!uri) return;
    return tell(execute('reprolens.generate', uri.toString(), ...(numberOf(target) ?? [])));
  });
  register('reprolens.verifyFolder', (target?: Target) => {
    const uri = uriOf(target);
    return uri && tell(execute('reprolens.verify', uri.toString()));
  });
  register('reprolens.openLine', (target?: Target) => {
    const uri = uriOf(target);
    return uri && tell(execute('reprolens.openFailingLine', uri.toString(), ...(numberOf(target) ?? [])));
  });
  register('reprolens.fixAllInFile', () =>
    vscode.commands.executeCommand('editor.action.codeAction', { kind: 'source.fixAll.reprolens', apply: 'first' }));
  register('reprolens.refreshFailures', () => failures.refresh());
  register('reprolens.cancelJobs', () => tell(execute('reprolens.cancel')));
  register('reprolens.restart', () => running.restart());

  const view = vscode.window.createTreeView('reprolens.failures', { treeDataProvider: failures });
  const watcher = vscode.workspace.createFileSystemWatcher('**/*.{log,txt}');
  context.subscriptions.push(view, watcher, failures);
  watcher.onDidCreate(() => failures.refreshSoon());
  watcher.onDidChange(() => failures.refreshSoon());
  watcher.onDidDelete(() => failures.refreshSoon());
  context.subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(() =>
    running.sendNotification('reprolens/didChangeTrust', { trusted: true })));

  await client.start();
  failures.refresh();
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}

/** What menus give: a file of the explorer, or an entry of the view. */
type Target = vscode.Uri | { uri?: vscode.Uri; number?: number };

function uriOf(target?: Target): vscode.Uri | undefined {
  if (target instanceof vscode.Uri) return target;
  if (target?.uri) return target.uri;
  // A file too large to be synchronised is no active editor; its tab still knows its name.
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input as { uri?: vscode.Uri } | undefined;
  return input?.uri;
}

function numberOf(target?: Target): number[] | undefined {
  return target && !(target instanceof vscode.Uri) && target.number !== undefined ? [target.number] : undefined;
}

function makeClient(context: vscode.ExtensionContext, pages: Pages): LanguageClient {
  const configured = vscode.workspace.getConfiguration('reprolens').get<string>('server.path');
  const bundled = context.asAbsolutePath(path.join('server', process.platform === 'win32' ? 'reprolens.exe' : 'reprolens'));
  const server: ServerOptions = { command: configured || bundled, args: ['server', '--stdio'] };
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
    initializationOptions: { views: true, trusted: vscode.workspace.isTrusted },
    synchronize: { configurationSection: 'reprolens' },
    middleware: {
      executeCommand: async (command, args, next) => {
        try {
          const answer: unknown = await next(command, args);
          await pages.show(answer);
          return answer;
        } catch (error) {
          void vscode.window.showErrorMessage(`reprolens: ${error instanceof Error ? error.message : String(error)}`);
          return undefined;
        }
      },
    },
  };
  return new LanguageClient('reprolens', 'reprolens', server, options);
}
