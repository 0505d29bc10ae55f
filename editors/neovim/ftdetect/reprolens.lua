-- Neovim has no filetype for *.log, and without one nothing attaches.
vim.filetype.add({
  extension = { log = 'log' },
  pattern = { ['.*/logs/.*%.txt'] = 'log' },
})
