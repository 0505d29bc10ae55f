-- The differences between Neovim 0.10, 0.11 and 0.12, and nothing else.
local config = require('reprolens.config')
local root = config.root

local M = {}

--- The configuration as vim.lsp.config takes it.
function M.with_root(client)
  return vim.tbl_extend('force', client, {
    root_dir = function(bufnr, on_dir)
      local file = vim.api.nvim_buf_get_name(bufnr)
      if vim.bo[bufnr].buftype == '' and file ~= '' and config.is_there() then
        on_dir(root(file))
      end
    end,
  })
end

--- Starts the server for every buffer of its filetypes.
function M.start(client)
  if vim.lsp.config and vim.lsp.enable then -- 0.11
    vim.lsp.config('reprolens', M.with_root(client))
    vim.lsp.enable('reprolens')
    return
  end
  local function attach(bufnr)
    if vim.bo[bufnr].buftype ~= '' or vim.api.nvim_buf_get_name(bufnr) == '' or not config.is_there() then
      return
    end
    local root_dir = root(vim.api.nvim_buf_get_name(bufnr))
    vim.lsp.start(vim.tbl_extend('force', client, { root_dir = root_dir }), { bufnr = bufnr })
  end
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('reprolens_start', {}),
    pattern = client.filetypes,
    callback = function(event)
      attach(event.buf)
    end,
  })
end

--- Lenses are off until asked for, in every version.
function M.show_lenses(bufnr)
  if vim.lsp.codelens.enable then -- 0.12: asks again by itself
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
    return
  end
  local function refresh()
    vim.lsp.codelens.refresh({ bufnr = bufnr })
  end
  refresh()
  local group = vim.api.nvim_create_augroup('reprolens_lens_' .. bufnr, {})
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, { group = group, buffer = bufnr, callback = refresh })
  -- A job that ended may have another verdict, and these versions are not told to ask again.
  vim.api.nvim_create_autocmd('LspProgress', {
    group = group,
    pattern = 'end',
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if not vim.api.nvim_buf_is_loaded(bufnr) then
        return true -- and so ends this autocommand
      elseif client and client.name == 'reprolens' then
        refresh()
      end
    end,
  })
end

--- A client without a buffer, for a file that is not open; ready(client) once it answers.
function M.detached(client, ready)
  local config = vim.tbl_extend('force', client, { root_dir = root(vim.fn.getcwd() .. '/.'), on_init = ready })
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.lsp.start(config, { attach = false })
  end
  return vim.lsp.start_client(config)
end

function M.client(bufnr)
  return vim.lsp.get_clients({ name = 'reprolens', bufnr = bufnr })[1] or vim.lsp.get_clients({ name = 'reprolens' })[1]
end

function M.request(client, method, params, done)
  if vim.fn.has('nvim-0.11') == 1 then
    client:request(method, params, done)
  else
    client.request(method, params, done)
  end
end

--- JSON's null is nil up to 0.11, and vim.NIL after.
function M.present(value)
  return value ~= nil and value ~= vim.NIL
end

return M
