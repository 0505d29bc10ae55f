-- What a person can set, through vim.g.reprolens = { cmd = ..., settings = ... } or setup().
local M = {}

M.filetypes = { 'log', 'python', 'sh', 'bash', 'markdown', 'yaml' }
M.root_markers = { 'reprolens.toml', 'pyproject.toml', '.git' }

local own = {}

function M.set(options)
  own = options or {}
end

function M.get()
  return vim.tbl_deep_extend('force', { cmd = { 'reprolens', 'server' }, settings = {}, codelens = true },
    vim.g.reprolens or {}, own)
end

--- The client's configuration, as vim.lsp.config and vim.lsp.start take it.
function M.client()
  local options = M.get()
  return {
    name = 'reprolens',
    cmd = options.cmd,
    filetypes = M.filetypes,
    root_markers = M.root_markers,
    settings = { reprolens = options.settings },
    init_options = { views = true, trusted = options.trusted ~= false },
  }
end

return M
