// The view "CI failures": the workspace's logs with their failures, and the repro folders with their verdict. The server
// reads the logs from the disk, so their size does not matter.
import * as vscode from 'vscode';
import type { Execute, Verdict } from './jobs';

interface Failure { number: number; id: string; title: string; summary: string; line: number }
/** What the view was made of. */
export interface Loaded { failures: number; repros: Repro[]; isCut: boolean }
export interface Repro { name: string; uri: string | null; test?: string | null; line?: number | null; verdict?: Verdict | null; outcome: string }
type Entry = LogEntry | FailureEntry | ReproEntry;

/** Logs that the view looks for; a folder of thousands would be no view. */
export const MOST_LOGS = 200;
const LOGS = '**/{*.log,logs/*.txt,logs_*.zip,logs/*.zip}';
const NO_LOGS = '**/{node_modules,.git,.venv,venv,.tox,.nox,site-packages}/**';

class LogEntry extends vscode.TreeItem {
  constructor(readonly uri: vscode.Uri, readonly failures: FailureEntry[]) {
    super(uri, failures.length ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None);
    this.description = failures.length === 1 ? '1 failure' : failures.length ? `${failures.length} failures` : 'no failure';
    this.contextValue = failures.length ? 'log' : 'emptyLog';
    this.iconPath = new vscode.ThemeIcon('output');
  }
}

class FailureEntry extends vscode.TreeItem {
  readonly number: number;
  constructor(readonly uri: vscode.Uri, failure: Failure) {
    // The test's name first: the view is narrow.
    super(failure.id.split('::').slice(1).join('::') || failure.title);
    this.number = failure.number;
    this.description = failure.summary;
    this.tooltip = `${failure.title}\n${failure.summary}`;
    this.contextValue = 'failure';
    this.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
    // A log in an archive is no document.
    this.command = uri.path.endsWith('.zip')
      ? { command: 'reprolens.openLine', title: 'Open failing line', arguments: [this] }
      : open(uri, failure.line);
  }
}

/** Icon and colour of a repro's verdict. */
const ICONS: Partial<Record<Verdict, [string, string]>> = {
  same: ['bug', 'testing.iconFailed'],
  different: ['warning', 'problemsWarningIcon.foreground'],
  flaky: ['warning', 'problemsWarningIcon.foreground'],
  passed: ['pass', 'testing.iconPassed'],
  'insufficient-evidence': ['question', 'problemsWarningIcon.foreground'],
  blocked: ['circle-slash', 'problemsWarningIcon.foreground'],
};

class ReproEntry extends vscode.TreeItem {
  readonly uri: vscode.Uri | undefined;
  constructor(repro: Repro) {
    super(repro.name);
    this.uri = repro.uri ? vscode.Uri.parse(repro.uri) : undefined;
    this.description = repro.outcome;
    this.tooltip = `${repro.name}: ${repro.outcome}`;
    const [icon, color] = repro.verdict && ICONS[repro.verdict] || ['beaker'];
    this.iconPath = new vscode.ThemeIcon(icon, color ? new vscode.ThemeColor(color) : undefined);
    this.contextValue = 'repro';
    if (repro.test) this.command = open(vscode.Uri.parse(repro.test), repro.line ?? 1);
  }
}

function open(uri: vscode.Uri, line: number): vscode.Command {
  const at = new vscode.Position(line - 1, 0);
  return { command: 'vscode.open', title: 'Open', arguments: [uri, { selection: new vscode.Range(at, at) }] };
}

export class Failures implements vscode.TreeDataProvider<Entry> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private timer: NodeJS.Timeout | undefined;
  private entries: Promise<Entry[]> = Promise.resolve([]);

  constructor(private readonly execute: Execute, private readonly loaded: (loaded: Loaded) => void) {}

  /** Reads anew, also while the view is closed: the status item and the Testing view live on it too. */
  async refresh(): Promise<void> {
    this.entries = this.load();
    this.changed.fire();
    await this.entries;
  }

  /** A log that is being written changes many times a second. */
  refreshSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh().catch(() => { /* the view shows its error */ }), 300);
  }

  getTreeItem(entry: Entry): vscode.TreeItem {
    return entry;
  }

  async getChildren(parent?: Entry): Promise<Entry[]> {
    if (parent instanceof LogEntry) return parent.failures;
    return parent ? [] : this.entries;
  }

  private async load(): Promise<Entry[]> {
    const { repros } = await this.execute('reprolens.repros') as { repros: Repro[] };
    const uris = await vscode.workspace.findFiles(LOGS, NO_LOGS, MOST_LOGS);
    const logs: LogEntry[] = [];
    for (const uri of uris.sort((a, b) => (a.path < b.path ? -1 : 1))) {
      // A repro folder's own logs are its evidence, not news.
      if (repros.some((repro) => repro.uri && uri.path.startsWith(`${vscode.Uri.parse(repro.uri).path}/`))) continue;
      try {
        const answer = await this.execute('reprolens.failures', uri.toString()) as { failures: Failure[]; recognised: boolean };
        if (answer.recognised || answer.failures.length)
          logs.push(new LogEntry(uri, answer.failures.map((failure) => new FailureEntry(uri, failure))));
      } catch {
        // Gone since it was listed; the watcher brings the view up to date.
      }
    }
    const failures = logs.reduce((sum, log) => sum + log.failures.length, 0);
    this.loaded({ failures, repros, isCut: uris.length === MOST_LOGS });
    return [...logs, ...repros.map((repro) => new ReproEntry(repro))];
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.changed.dispose();
  }
}
