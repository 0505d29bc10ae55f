;;; test-eglot.el --- eglot in a real Emacs: a failure's actions, a repro  -*- lexical-binding: t -*-

;;; Commentary:
;; eglot shows no lenses: their actions are code actions on the failure's line.

;;; Code:
(require 'driver)
(require 'eglot)
(require 'project)

(test-configure "A log needs a mode")
(test-configure "eglot (")
(setq eglot-sync-connect 30)

(with-current-buffer (test-failure)
  (unless (eglot-managed-p) (call-interactively #'eglot))
  (test-wait "the server" #'eglot-managed-p)
  (let* ((actions (test-wait "the actions" (lambda () (eglot-code-actions (line-beginning-position) (line-end-position)))))
         (title (lambda (action) (plist-get action :title)))
         (generate (cl-find "Generate minimal repro" actions :key title :test #'equal)))
    (unless generate (error "No action to generate: %s" (mapconcat title actions ", ")))
    (eglot-execute (eglot-current-server) generate)))
(test-repro)
(message "emacs %s, eglot: ok" emacs-version)
(kill-emacs 0)
;;; test-eglot.el ends here
