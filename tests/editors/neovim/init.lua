-- What a person's init.lua would hold: the plugin on the runtime path, and the server's command.
vim.opt.runtimepath:prepend(assert(os.getenv('PLUGIN')))
vim.g.reprolens = { cmd = { assert(os.getenv('REPROLENS')), 'server' } }
vim.o.lines, vim.o.columns = 40, 150
