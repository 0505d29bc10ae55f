// The client: starts the server, forwards commands, shows what the server finds. Nothing is decided here.
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { makeClient, start, tell } from './client';
import { Failures, MOST_LOGS } from './failures';
import { type Done, type Execute, Jobs } from './jobs';
import { Pages } from './pages';
import { Testing } from './testing';

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const pages = new Pages();
  const running = client = makeClient(context, pages);
  const execute: Execute = (command, ...args) => running.sendRequest('workspace/executeCommand', { command, arguments: args });

  const status = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Left);
  status.name = 'reprolens';
  status.command = 'reprolens.failures.focus';
  const jobs = new Jobs(execute);
  const testing = new Testing(jobs, () => failures.refresh());
  const failures: Failures = new Failures(execute, (loaded) => {
    testing.update(loaded.repros);
    view.message = loaded.isCut ? `Only the first ${MOST_LOGS} logs of the workspace are listed.` : undefined;
    // Menus ask whether a folder of the explorer is a repro.
    const folders = loaded.repros.flatMap((repro) => repro.uri ? [vscode.Uri.parse(repro.uri).path] : []);
    void vscode.commands.executeCommand('setContext', 'reprolens.repros', folders);
    status.text = `$(beaker) ${loaded.failures === 1 ? '1 CI failure' : `${loaded.failures} CI failures`}`;
    status.tooltip = 'reprolens: failures of the CI logs in this workspace';
    if (loaded.failures > 0) status.show();
    else status.hide();
  });
  // The list first: a repro that was just generated is then in the Testing view when its verdict comes.
  client.onNotification('reprolens/jobDone', async (done: Done) => {
    await failures.refresh();
    jobs.end(done);
  });

  const view = vscode.window.createTreeView('reprolens.failures', { treeDataProvider: failures });
  const watcher = vscode.workspace.createFileSystemWatcher('**/{*.log,logs/*.txt,logs_*.zip,run_test.sh}');
  watcher.onDidCreate(() => failures.refreshSoon());
  watcher.onDidChange(() => failures.refreshSoon());
  watcher.onDidDelete(() => failures.refreshSoon());
  context.subscriptions.push(pages, status, jobs, testing, failures, view, watcher,
    // Of a folder that is deleted, a watcher is not told the files.
    vscode.workspace.onDidDeleteFiles(() => failures.refreshSoon()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.sendNotification('reprolens/didChangeTrust', { trusted: true })));

  const register = (name: string, run: (...args: never[]) => unknown): void => {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  };
  /** A menu's command on its file, with the failure's number where an entry of the view has one. */
  const onFile = (name: string, command: string): void => register(name, (target?: Target) => {
    const uri = uriOf(target);
    if (!uri) return void vscode.window.showInformationMessage('reprolens: open a file first');
    return tell(execute(command, uri.toString(), ...numberOf(target)));
  });
  onFile('reprolens.generateFromFile', 'reprolens.generate');
  onFile('reprolens.verifyFolder', 'reprolens.verify');
  onFile('reprolens.openLine', 'reprolens.openFailingLine');
  register('reprolens.fixAllInFile', () =>
    vscode.commands.executeCommand('editor.action.codeAction', { kind: 'source.fixAll.reprolens', apply: 'first' }));
  register('reprolens.refreshFailures', () => failures.refresh());
  register('reprolens.cancelJobs', () => tell(execute('reprolens.cancel')));
  register('reprolens.restart', () => running.restart());

  if (await start(client, context)) await failures.refresh();
  else view.message = 'The language server does not run.';
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

function numberOf(target?: Target): number[] {
  return target && !(target instanceof vscode.Uri) && target.number !== undefined ? [target.number] : [];
}
