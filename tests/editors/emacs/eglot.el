;;; eglot.el --- eglot in a real Emacs: a failure's actions, a repro, a finding  -*- lexical-binding: t -*-

;;; Commentary:
;; emacs -Q --batch -l eglot.el, with WORKSPACE, REPROLENS and README in the environment.  Emacs shows no lenses: their actions
;; are code actions on the failure's line.

;;; Code:
(setq native-comp-jit-compilation nil)
(require 'cl-lib)
(require 'eglot)
(require 'project)

(defun test-wait (what check)
  "Wait until CHECK gives something, and return it; WHAT is said if it does not."
  (let ((end (+ (float-time) 60)) found)
    (while (not (setq found (funcall check)))
      (when (> (float-time) end) (error "Timed out: %s" what))
      (accept-process-output nil 0.1))
    found))

;; The configuration that the documentation gives, with this test's server.
(with-temp-buffer
  (insert-file-contents (getenv "README"))
  (re-search-forward "^eglot, \\(?:.+\n\\)+\n```elisp\n\\(\\(?:.*\n\\)*?\\)```")
  (let ((text (string-replace "\"reprolens\"" (prin1-to-string (getenv "REPROLENS")) (match-string 1))))
    (with-temp-buffer (insert text) (eval-buffer))))
(setq eglot-sync-connect 30)

(let* ((workspace (getenv "WORKSPACE"))
       (log (find-file-noselect (expand-file-name "logs/unit-tests-blackhole.log" workspace)))
       actions generate)
  (with-current-buffer log
    (unless (eglot-managed-p) (call-interactively #'eglot))
    (test-wait "the server" #'eglot-managed-p)
    (goto-char (point-min))
    (forward-line 60)
    (setq actions (test-wait "the actions" (lambda () (eglot-code-actions (line-beginning-position) (line-end-position)))))
    (message "actions: %s" (mapconcat (lambda (action) (plist-get action :title)) actions ", "))
    (setq generate (cl-find "Generate minimal repro" actions :key (lambda (action) (plist-get action :title)) :test #'equal))
    (unless generate (error "No action to generate"))
    (eglot-execute (eglot-current-server) generate))
  (test-wait "the repro to be opened"
             (lambda () (cl-some (lambda (buffer) (string-match-p "_repro\\.py\\'" (or (buffer-file-name buffer) ""))) (buffer-list))))
  (let ((found (file-expand-wildcards (expand-file-name ".github/scripts/reproduce-deterministic-failures/*/logs/reproduction.log" workspace))))
    (unless found (error "The repro was not run"))
    (with-temp-buffer
      (insert-file-contents (car found))
      (unless (re-search-forward "Result: FAILED" nil t) (error "The repro did not fail"))))
  (message "emacs %s: ok" emacs-version)
  (kill-emacs 0))
;;; eglot.el ends here
