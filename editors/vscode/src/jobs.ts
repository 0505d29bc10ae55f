// Long jobs of the server: a command answers at once with the job's number, its end comes as a notification.
import * as vscode from 'vscode';

export type Execute = (command: string, ...args: unknown[]) => Promise<unknown>;
export type Verdict = 'same' | 'different' | 'passed' | 'flaky' | 'insufficient-evidence' | 'blocked';

/** How a job ended; `folder` and `verdict` where it was about one repro. */
export interface Done {
  job: number;
  command: string;
  folder: string | null;
  verdict: Verdict | null;
  seconds: number | null;
  message: string;
  cancelled?: boolean;
}

/** Ends that nobody asked for are kept, because one can come before the answer that names its job; but not for ever. */
const KEPT = 50;

export class Jobs {
  private readonly ended = new Map<number, Done>();
  private readonly waiting = new Map<number, (done: Done) => void>();
  private readonly any = new vscode.EventEmitter<Done>();
  /** Every end that no `run` waits for: of lenses, menus, quick fixes. */
  readonly onDidEnd = this.any.event;

  constructor(private readonly execute: Execute) {}

  /** Runs a command to the end of its job. */
  async run(token: vscode.CancellationToken, command: string, ...args: unknown[]): Promise<Done> {
    const { job } = await this.execute(command, ...args) as { job: number };
    const early = this.ended.get(job);
    if (early) return early;
    const cancelling = token.onCancellationRequested(() => void this.execute('reprolens.cancel', job));
    if (token.isCancellationRequested) void this.execute('reprolens.cancel', job);
    try {
      return await new Promise((resolve) => this.waiting.set(job, resolve));
    } finally {
      cancelling.dispose();
    }
  }

  end(done: Done): void {
    const waiting = this.waiting.get(done.job);
    if (waiting) {
      this.waiting.delete(done.job);
      waiting(done);
    }
    this.ended.set(done.job, done);
    const oldest = this.ended.keys().next();
    if (this.ended.size > KEPT && !oldest.done) this.ended.delete(oldest.value);
    this.any.fire(done);
  }

  dispose(): void {
    this.any.dispose();
  }
}
