-- The differences between Neovim 0.10, 0.11 and 0.12, and nothing else.
local M = {}

--- Starts the server for every buffer of its filetypes.
function M.start(client)
  if vim.lsp.config and vim.lsp.enable then -- 0.11
    vim.lsp.config('reprolens', client)
    vim.lsp.enable('reprolens')
    return
  end
  local function attach(bufnr)
    if vim.bo[bufnr].buftype ~= '' or vim.api.nvim_buf_get_name(bufnr) == '' then
      return
    end
    local root = vim.fs.root(bufnr, client.root_markers) or vim.fs.dirname(vim.api.nvim_buf_get_name(bufnr))
    vim.lsp.start(vim.tbl_extend('force', client, { root_dir = root }), { bufnr = bufnr })
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
  vim.lsp.codelens.refresh({ bufnr = bufnr })
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, {
    group = vim.api.nvim_create_augroup('reprolens_lens_' .. bufnr, {}),
    buffer = bufnr,
    callback = function()
      vim.lsp.codelens.refresh({ bufnr = bufnr })
    end,
  })
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
