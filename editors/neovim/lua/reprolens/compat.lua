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

-- Texts at a line's end stand in the order of their priority; a diagnostic's has 4096, and is longer than most windows are wide.
local BEFORE_DIAGNOSTICS = 1000

--- Asks for the lenses and draws them, up to 0.11: there they stand at the end of the line, where diagnostics stand too.
local function draw_lenses(bufnr)
  local client = M.client(bufnr)
  if not client then
    return
  end
  local params = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
  M.request(client, 'textDocument/codeLens', params, function(error, lenses, context)
    vim.lsp.codelens.on_codelens(error, lenses, context)
    if not vim.api.nvim_buf_is_loaded(bufnr) then
      return
    end
    local namespace = vim.api.nvim_create_namespace('vim_lsp_codelens:' .. context.client_id)
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(bufnr, namespace, 0, -1, { details = true })) do
      local id, line, column, details = unpack(mark)
      vim.api.nvim_buf_set_extmark(bufnr, namespace, line, column, {
        id = id,
        virt_text = details.virt_text,
        hl_mode = details.hl_mode,
        priority = BEFORE_DIAGNOSTICS,
      })
    end
  end, bufnr)
end

--- Lenses are off until asked for, in every version.
function M.show_lenses(bufnr)
  if vim.lsp.codelens.enable then -- 0.12: asks again by itself
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
    return
  end
  local function refresh()
    draw_lenses(bufnr)
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

function M.request(client, method, params, done, bufnr)
  if vim.fn.has('nvim-0.11') == 1 then
    client:request(method, params, done, bufnr)
  else
    client.request(method, params, done, bufnr)
  end
end

--- JSON's null is nil up to 0.11, and vim.NIL after.
function M.present(value)
  return value ~= nil and value ~= vim.NIL
end

return M
