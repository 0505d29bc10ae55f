-- What a person can set, through vim.g.reprolens = { cmd = ..., settings = ... } or setup().
local M = {}

M.filetypes = { 'log', 'python', 'sh', 'bash', 'markdown', 'yaml', 'toml' }

--- The server's version that this plugin belongs to.
M.version = '0.1.0'

--- What marks a workspace, the strongest first: a package of a larger repository has a pyproject.toml of its own, and the CI
--- configuration is above it.
local MARKERS = { { 'reprolens.toml' }, { '.git', '.github' }, { 'pyproject.toml', 'pytest.ini', 'tox.ini', 'setup.cfg', 'setup.py' } }

local function marked(place)
  for _, markers in ipairs(MARKERS) do
    local root = vim.fs.root(place, markers)
    if root then return root end
  end
end

--- The workspace of a file: what is marked as one around it. Else the working directory, if the file is in it or is a log:
--- those are often opened from where a browser put them. Else the file's folder.
function M.root(file)
  local here = vim.fn.getcwd()
  local is_log = vim.filetype.match({ filename = file }) == 'log'
  return marked(file)
    or vim.startswith(file, here .. '/') and here
    or is_log and (marked(here .. '/.') or here)
    or vim.fs.dirname(file)
end

local own = {}

function M.set(options)
  own = options or {}
end

function M.get()
  return vim.tbl_deep_extend('force', { cmd = { 'reprolens', 'server' }, settings = {}, codelens = true, progress = true },
    vim.g.reprolens or {}, own)
end

--- Whether the server can be started.
function M.is_there()
  return vim.fn.executable(M.get().cmd[1]) == 1
end

--- The client's configuration, as vim.lsp.config and vim.lsp.start take it.
function M.client()
  local options = M.get()
  return {
    name = 'reprolens',
    cmd = options.cmd,
    filetypes = M.filetypes,
    settings = { reprolens = options.settings },
    init_options = { views = true, trusted = options.trusted ~= false },
  }
end

return M
