-- Drives a real, headless Neovim from inside; the same in 0.10 and 0.12.
local M = {}

function M.wait(what, check, milliseconds)
  local found
  local ok = vim.wait(milliseconds or 15000, function()
    found = check()
    return found
  end, 20)
  if not ok then
    error('timed out: ' .. what, 2)
  end
  return found
end

function M.equal(wanted, got, what)
  if not vim.deep_equal(wanted, got) then
    error((what or 'values') .. ': wanted ' .. vim.inspect(wanted) .. ', got ' .. vim.inspect(got), 2)
  end
end

function M.edit(path)
  vim.cmd.edit(vim.fn.fnameescape(path))
  local buffer = vim.api.nvim_get_current_buf()
  M.wait('the server at ' .. path, function()
    local client = vim.lsp.get_clients({ bufnr = buffer, name = 'reprolens' })[1]
    return client and client.initialized
  end)
  return buffer
end

function M.lenses(buffer)
  if vim.lsp.codelens.enable then -- 0.12
    return vim.tbl_map(function(found) return found.lens end, vim.lsp.codelens.get({ bufnr = buffer }))
  end
  return vim.lsp.codelens.get(buffer)
end

function M.wait_lens(buffer, title, milliseconds)
  return M.wait('the lens ' .. title, function()
    for _, lens in ipairs(M.lenses(buffer)) do
      if lens.command and lens.command.title == title then return lens end
    end
  end, milliseconds)
end

--- Runs the lens; with several on its line vim.ui.select is asked, and answered here.
function M.run_lens(lens)
  vim.api.nvim_win_set_cursor(0, { lens.range.start.line + 1, 0 })
  local select = vim.ui.select
  vim.ui.select = function(items, options, choose)
    vim.ui.select = select
    for index, item in ipairs(items) do
      local text = options.format_item and options.format_item(item) or tostring(item)
      if text:find(lens.command.title, 1, true) then return choose(item, index) end
    end
    error('no such lens to choose: ' .. lens.command.title)
  end
  vim.lsp.codelens.run()
end

function M.wait_diagnostic(buffer, text)
  return M.wait('the diagnostic ' .. text, function()
    for _, found in ipairs(vim.diagnostic.get(buffer)) do
      if found.message:find(text, 1, true) or found.code == text then return found end
    end
  end)
end

function M.without_diagnostic(buffer, code)
  M.wait('no diagnostic ' .. code, function()
    for _, found in ipairs(vim.diagnostic.get(buffer)) do
      if found.code == code then return false end
    end
    return true
  end)
end

M.workspace = os.getenv('WORKSPACE')
M.log = M.workspace .. '/logs/unit-tests-blackhole.log'
M.root = M.workspace .. '/.github/scripts/reproduce-deterministic-failures'

--- The only repro folder, or nil. A name with a dot in front is one in the making.
function M.repro()
  local found = {}
  for name in vim.fs.dir(M.root) do
    if name:sub(1, 1) ~= '.' then found[#found + 1] = M.root .. '/' .. name end
  end
  if #found > 1 then error('more than one repro: ' .. table.concat(found, ', '), 2) end
  return found[1]
end

function M.repro_test()
  return vim.fn.glob(M.repro() .. '/tests/*_repro.py')
end

--- Waits until the repro's test is the current buffer, and returns that.
function M.wait_repro_shown()
  M.wait('the repro to be opened', function()
    return vim.api.nvim_buf_get_name(0):find('_repro%.py$')
  end, 60000)
  return vim.api.nvim_get_current_buf()
end

function M.read(path)
  return table.concat(vim.fn.readfile(path), '\n') .. '\n'
end

function M.write(path, text)
  local file = assert(io.open(path, 'w'))
  file:write(text)
  file:close()
end

--- Whether a process runs; one that ended and was not waited for does not.
function M.lives(pid)
  local file = io.open('/proc/' .. pid .. '/status')
  if not file then return false end
  local status = file:read('a')
  file:close()
  return not status:find('State:%s+[ZX]')
end

--- What vim.notify and the message line said since the last call of it.
function M.messages()
  return vim.fn.execute('messages')
end

function M.text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
end

--- The screen as it is drawn.
function M.screen()
  vim.cmd.redraw()
  local rows = {}
  for row = 1, vim.o.lines do
    local cells = {}
    for column = 1, vim.o.columns do cells[column] = vim.fn.screenstring(row, column) end
    rows[row] = table.concat(cells)
  end
  return table.concat(rows, '\n')
end

function M.main(test)
  vim.o.swapfile = false
  vim.defer_fn(function()
    io.stderr:write('\nTIMEOUT\n')
    vim.cmd('cquit 2')
  end, 90000)
  vim.schedule(function()
    local ok, problem = xpcall(test, debug.traceback)
    if not ok then
      io.stderr:write('\nFAILED ' .. tostring(problem) .. '\n' .. vim.fn.execute('messages') .. '\n' .. M.screen() .. '\n')
      vim.cmd('cquit 1')
    end
    vim.cmd('qall!')
  end)
end

return M
