// Repros in the Testing view: running one verifies it. A repro that fails like CI did is a failing test, with CI's error as
// its message; one that passes says that the bug is gone.
import * as vscode from 'vscode';
import type { Done, Jobs } from './jobs';
import type { Repro } from './failures';

export class Testing {
  private readonly controller = vscode.tests.createTestController('reprolens', 'CI repros');
  private readonly watching: vscode.Disposable;
  /** Those of a run of the view, which reports them itself. */
  private readonly running = new Set<string>();

  constructor(private readonly jobs: Jobs, refresh: () => void) {
    this.controller.refreshHandler = refresh;
    this.controller.createRunProfile('Verify', vscode.TestRunProfileKind.Run, (request, token) => this.verify(request, token), true);
    this.watching = jobs.onDidEnd((done) => this.report(done));
  }

  update(repros: Repro[]): void {
    const items = repros.flatMap((repro) => {
      if (!repro.uri) return [];
      const known = this.controller.items.get(repro.uri);
      const item = known ?? this.controller.createTestItem(repro.uri, repro.name, repro.test ? vscode.Uri.parse(repro.test) : undefined);
      if (repro.line) item.range = new vscode.Range(repro.line - 1, 0, repro.line - 1, 0);
      return [item];
    });
    this.controller.items.replace(items);
  }

  private async verify(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const run = this.controller.createTestRun(request);
    const items = request.include ?? [...this.controller.items].map(([, item]) => item);
    const chosen = items.filter((item) => !request.exclude?.includes(item));
    for (const item of chosen) run.enqueued(item);
    for (const item of chosen) {
      run.started(item);
      this.running.add(item.id);
      try {
        tell(run, item, await this.jobs.run(token, 'reprolens.verify', item.id));
      } catch (error) {
        run.errored(item, new vscode.TestMessage(error instanceof Error ? error.message : String(error)));
      }
      this.running.delete(item.id);
      if (token.isCancellationRequested) break;
    }
    run.end();
  }

  /** A lens, a menu or generating gave a verdict: the view says it too. */
  private report(done: Done): void {
    const item = done.folder ? this.controller.items.get(done.folder) : undefined;
    if (!item || !done.verdict || this.running.has(item.id)) return;
    const run = this.controller.createTestRun(new vscode.TestRunRequest([item]), undefined, false);
    tell(run, item, done);
    run.end();
  }

  dispose(): void {
    this.watching.dispose();
    this.controller.dispose();
  }
}

function tell(run: vscode.TestRun, item: vscode.TestItem, done: Done): void {
  run.appendOutput(`${done.message}\r\n`, undefined, item);
  // It is drawn at the test's line: the short words where they say all.
  const message = new vscode.TestMessage(done.verdict === 'same' ? 'fails like CI' : done.message);
  if (item.uri && item.range) message.location = new vscode.Location(item.uri, item.range);
  const milliseconds = done.seconds ? done.seconds * 1000 : undefined;
  if (done.verdict === 'passed') run.passed(item, milliseconds);
  else if (done.verdict && done.verdict !== 'blocked') run.failed(item, message, milliseconds);
  else if (done.cancelled) run.skipped(item);
  else run.errored(item, message);
}
