// The view "CI failures": the workspace's logs with their failures, and the repro folders. The server reads the logs from
// the disk, so their size does not matter.
import * as vscode from 'vscode';

interface Failure { number: number; title: string; summary: string; line: number }
interface Repro { name: string; uri: string | null; outcome: string | null }
type Execute = (command: string, ...args: unknown[]) => Promise<unknown>;
type Entry = LogEntry | FailureEntry | ReproEntry;

/** Logs that the view looks for; a folder of thousands would be no view. */
const MOST_LOGS = 200;

class LogEntry extends vscode.TreeItem {
  constructor(readonly uri: vscode.Uri, readonly failures: FailureEntry[]) {
    super(uri, failures.length ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None);
    this.description = failures.length ? `${failures.length}` : 'no failure';
    this.contextValue = 'log';
    this.iconPath = new vscode.ThemeIcon('output');
  }
}

class FailureEntry extends vscode.TreeItem {
  readonly number: number;
  constructor(readonly uri: vscode.Uri, failure: Failure) {
    super(failure.title);
    this.number = failure.number;
    this.description = failure.summary;
    this.tooltip = `${failure.title}\n${failure.summary}`;
    this.contextValue = 'failure';
    this.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
    const at = new vscode.Position(failure.line - 1, 0);
    this.command = { command: 'vscode.open', title: 'Open', arguments: [uri, { selection: new vscode.Range(at, at) }] };
  }
}

class ReproEntry extends vscode.TreeItem {
  readonly uri: vscode.Uri | undefined;
  constructor(repro: Repro) {
    super(repro.name);
    this.uri = repro.uri ? vscode.Uri.parse(repro.uri) : undefined;
    this.description = repro.outcome ?? 'never run';
    this.contextValue = 'repro';
    this.iconPath = new vscode.ThemeIcon('beaker');
  }
}

export class Failures implements vscode.TreeDataProvider<Entry> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private timer: NodeJS.Timeout | undefined;
  private entries: Promise<Entry[]> = Promise.resolve([]);

  constructor(private readonly execute: Execute, private readonly counted: (count: number) => void) {}

  /** Reads anew, also while the view is closed: the status item counts too. */
  refresh(): void {
    this.entries = this.load();
    this.changed.fire();
  }

  /** A log that is being written changes many times a second. */
  refreshSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), 500);
  }

  getTreeItem(entry: Entry): vscode.TreeItem {
    return entry;
  }

  async getChildren(parent?: Entry): Promise<Entry[]> {
    if (parent instanceof LogEntry) return parent.failures;
    return parent ? [] : this.entries;
  }

  private async load(): Promise<Entry[]> {
    const uris = await vscode.workspace.findFiles('**/{*.log,logs/*.txt}', '**/node_modules/**', MOST_LOGS);
    const logs: LogEntry[] = [];
    for (const uri of uris.sort((a, b) => (a.path < b.path ? -1 : 1))) {
      try {
        const answer = await this.execute('reprolens.failures', uri.toString()) as { failures: Failure[]; recognised: boolean };
        if (answer.recognised || answer.failures.length)
          logs.push(new LogEntry(uri, answer.failures.map((failure) => new FailureEntry(uri, failure))));
      } catch {
        // Gone since it was listed; the watcher brings the view up to date.
      }
    }
    const repros = await this.execute('reprolens.repros') as { repros: Repro[] };
    this.counted(logs.reduce((sum, log) => sum + log.failures.length, 0));
    return [...logs, ...repros.repros.map((repro) => new ReproEntry(repro))];
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.changed.dispose();
  }
}
