// Progress of the server's jobs, with a Cancel button. The language client alone would put it into the status bar, where
// there is none.
import * as vscode from 'vscode';
import type { ProgressToken, WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport } from 'vscode-languageclient/node';

type Value = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;
interface Shown { report(message?: string): void; end(): void }

export class Progress {
  private readonly shown = new Map<ProgressToken, Shown>();

  constructor(private readonly cancel: (token: ProgressToken) => void) {}

  handle(token: ProgressToken, value: Value): void {
    if (value.kind === 'begin') this.begin(token, value);
    else if (value.kind === 'report') this.shown.get(token)?.report(value.message);
    else {
      this.shown.get(token)?.end();
      this.shown.delete(token);
    }
  }

  private begin(token: ProgressToken, value: WorkDoneProgressBegin): void {
    const ended = new Promise<void>((end) => this.shown.set(token, { report: () => undefined, end }));
    const options = { location: vscode.ProgressLocation.Notification, title: value.title, cancellable: value.cancellable };
    void vscode.window.withProgress(options, (progress, cancelled) => {
      const shown = this.shown.get(token);
      if (shown) shown.report = (message) => progress.report({ message });
      cancelled.onCancellationRequested(() => this.cancel(token));
      return ended;
    });
  }
}
