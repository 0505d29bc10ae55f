// Pages of Markdown that the server answers with: a failure's environment, a log's summary, a rule.
import * as vscode from 'vscode';

const SCHEME = 'reprolens-page';

export class Pages implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registered = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? '';
  }

  /** Shows an answer that is a page; leaves others alone. */
  async show(answer: unknown): Promise<void> {
    const page = answer as { page?: unknown; markdown?: unknown } | null;
    if (typeof page?.page !== 'string' || typeof page.markdown !== 'string') return;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${page.page}.md` });
    this.texts.set(uri.path, page.markdown);
    this.changed.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  }

  dispose(): void {
    this.registered.dispose();
    this.changed.dispose();
  }
}
