;;; test-lsp-mode.el --- lsp-mode in a real Emacs: lenses, diagnostics, a repro  -*- lexical-binding: t -*-

;;; Commentary:
;; The same story as eglot's, by a lens: lsp-mode shows them.

;;; Code:
(require 'driver)
(require 'lsp-mode)
(require 'lsp-lens)
(require 'lsp-modeline)

(setq lsp-auto-guess-root t
      lsp-session-file (expand-file-name "lsp-session" (getenv "HOME"))
      lsp-enable-suggest-server-download nil)
(test-configure "A log needs a mode")
(test-configure "lsp-mode (")

(with-current-buffer (test-failure)
  (unless (bound-and-true-p lsp-mode) (lsp))
  (test-wait "the server" (lambda () (and (lsp-workspaces) (eq 'initialized (lsp--workspace-status (car (lsp-workspaces)))))))
  (test-wait "the diagnostics" (lambda () (gethash (buffer-file-name) (lsp-diagnostics t))))
  (let* ((lenses (append (lsp-request "textDocument/codeLens" (list :textDocument (lsp--text-document-identifier))) nil))
         (title (lambda (lens) (lsp:command-title (lsp:code-lens-command? lens))))
         (generate (cl-find "Generate minimal repro" lenses :key title :test #'equal))
         (actions (append (lsp-code-actions-at-point) nil)))
    (unless generate (error "No lens to generate: %s" (mapconcat title lenses ", ")))
    (unless (cl-find "Generate minimal repro" actions :key #'lsp:code-action-title :test #'equal) (error "No action to generate"))
    (lsp--execute-command (lsp:code-lens-command? generate))))
(test-repro)
(message "emacs %s, lsp-mode: ok" emacs-version)
(kill-emacs 0)
;;; test-lsp-mode.el ends here
