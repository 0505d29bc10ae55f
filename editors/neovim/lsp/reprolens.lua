-- Read by vim.lsp.enable('reprolens') of Neovim 0.11 and newer.
return require('reprolens.compat').with_root(require('reprolens.config').client())
