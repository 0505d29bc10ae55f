;;; driver.el --- what the tests in a real Emacs share  -*- lexical-binding: t -*-

;;; Commentary:
;; WORKSPACE, REPROLENS and README are in the environment.  The configuration is the documentation's own.

;;; Code:
(setq native-comp-jit-compilation nil)
(require 'cl-lib)

(defun test-wait (what check)
  "Wait until CHECK gives something, and return it; WHAT is said if it does not."
  (let ((end (+ (float-time) 60)) found)
    (while (not (setq found (funcall check)))
      (when (> (float-time) end) (error "Timed out: %s" what))
      (accept-process-output nil 0.1))
    found))

(defun test-configure (before)
  "Evaluate the documentation's configuration that follows the line beginning with BEFORE, with this test's server."
  (with-temp-buffer
    (insert-file-contents (getenv "README"))
    (re-search-forward (concat "^" (regexp-quote before) "\\(?:.*\n\\)+?```elisp\n\\(\\(?:.*\n\\)*?\\)```"))
    (let ((text (string-replace "\"reprolens\"" (prin1-to-string (getenv "REPROLENS")) (match-string 1))))
      (with-temp-buffer (insert text) (eval-buffer)))))

(defun test-failure ()
  "The buffer of the log, with point on a failure."
  (let ((log (find-file-noselect (expand-file-name "logs/unit-tests-blackhole.log" (getenv "WORKSPACE")))))
    (set-buffer log)
    (goto-char (point-min))
    (forward-line 60)
    log))

(defun test-repro ()
  "Wait until the repro is opened, and look whether it was run."
  (test-wait "the repro to be opened"
             (lambda () (cl-some (lambda (buffer) (string-match-p "_repro\\.py\\'" (or (buffer-file-name buffer) ""))) (buffer-list))))
  (let* ((root (expand-file-name ".github/scripts/reproduce-deterministic-failures" (getenv "WORKSPACE")))
         (found (file-expand-wildcards (expand-file-name "*/logs/reproduction.log" root))))
    (unless found (error "The repro was not run"))
    (with-temp-buffer
      (insert-file-contents (car found))
      (unless (re-search-forward "Result: FAILED" nil t) (error "The repro did not fail")))))

(provide 'driver)
;;; driver.el ends here
