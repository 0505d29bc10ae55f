-- A CI log before anything is generated: lenses, diagnostics, quickfix list, environment, rule page, health, help.
local d = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/driver.lua')

d.main(function()
  -- Lenses and diagnostics, drawn.
  local log = d.edit(d.log)
  d.equal('log', vim.bo[log].filetype, 'filetype')
  local lens = d.wait_lens(log, 'Open failing line')
  d.wait_lens(log, 'Generate minimal repro')
  d.wait_diagnostic(log, 'shape_of(expected_result)=[4, 32] vs shape_of(actual_result)=[4, 24]')
  vim.api.nvim_win_set_cursor(0, { lens.range.start.line + 1, 0 })
  d.wait('the lens on the screen', function() return d.screen():find('Generate minimal repro', 1, true) end)

  -- Drawn anew where a diagnostic stands already, whose text is longer than most windows are wide: the lens comes first.
  if not vim.lsp.codelens.enable then -- 0.12 draws lenses on lines of their own
    vim.o.columns = 300
    vim.diagnostic.hide(nil, log)
    vim.diagnostic.show(nil, log)
    vim.lsp.codelens.clear(nil, log)
    d.wait('the diagnostic alone', function()
      return d.screen():find('■', 1, true) and not d.screen():find('Generate minimal repro', 1, true)
    end)
    vim.cmd.doautocmd('BufEnter')
    d.wait('the lens before the diagnostic', function() return d.screen():find('Generate minimal repro[^\n]*■') end)
    vim.o.columns = 150
  end

  -- A lens that is run: the failing line opens.
  d.run_lens(lens)
  d.wait('the failing line', function()
    return vim.api.nvim_buf_get_name(0):find('tests/utils_for_testing.py', 1, true) and vim.api.nvim_win_get_cursor(0)[1] == 19
  end)

  -- Every lens is a code action too.
  vim.cmd.buffer(log)
  vim.api.nvim_win_set_cursor(0, { lens.range.start.line + 1, 0 })
  vim.lsp.buf.code_action({ apply = true, filter = function(action) return action.title == 'Open failing line' end })
  d.wait('the failing line by a code action', function()
    return vim.api.nvim_buf_get_name(0):find('tests/utils_for_testing.py', 1, true)
  end)

  -- The quickfix list: an entry leads to its line of the log.
  vim.cmd.buffer(log)
  vim.cmd('Reprolens failures')
  d.wait('the quickfix list', function() return #vim.fn.getqflist() == 2 end)
  d.equal(true, vim.fn.getqflist()[1].text:find('[4, 32] vs', 1, true) ~= nil, 'quickfix text')
  vim.cmd.cclose()
  vim.cmd('cc 2')
  d.equal(103, vim.api.nvim_win_get_cursor(0)[1], 'the line of the second failure')

  -- The failing line of the failure that the cursor is in.
  vim.cmd('Reprolens open')
  d.wait('the failing line of the second failure', function()
    return vim.api.nvim_buf_get_name(0):find('tests/utils_for_testing.py', 1, true)
  end)
  vim.cmd.buffer(log)

  -- The environment of a failure named by a part of its id, and a rule, as pages.
  vim.cmd('Reprolens env L1')
  d.wait('the environment', function() return vim.bo.filetype == 'markdown' and d.text(0):find('MINITENSOR_CACHE', 1, true) end)
  vim.cmd.close()
  vim.cmd('Reprolens rule ENV001')
  d.wait('the rule', function() return d.text(0):find('missing', 1, true) and vim.bo.filetype == 'markdown' end)
  vim.cmd.close()

  -- What is wrong is said, and nothing breaks.
  vim.cmd('Reprolens generate no_such_test')
  d.wait('the error', function() return d.messages():find('no failure\'s id holds "no_such_test"', 1, true) end)
  local ok, usage = pcall(vim.cmd, 'Reprolens nonsense')
  d.equal(false, ok, 'a command that there is not')
  d.equal(true, usage:find('one of cancel, env', 1, true) ~= nil, usage)

  -- Completion of the command's words.
  d.equal({ 'verify' }, vim.fn.getcompletion('Reprolens ver', 'cmdline'), 'completion')

  -- Health says that all is there; the help has its tags.
  vim.cmd('checkhealth reprolens')
  local health = d.text(0)
  d.equal(nil, health:find('ERROR', 1, true), 'health:\n' .. health)
  d.equal(true, health:find('the server is', 1, true) ~= nil, 'health:\n' .. health)
  vim.cmd.helptags(os.getenv('PLUGIN') .. '/doc')
  for _, tag in ipairs({ 'reprolens', ':Reprolens', 'g:reprolens', 'reprolens-settings' }) do
    vim.cmd.help(tag)
    d.equal('reprolens.txt', vim.fs.basename(vim.api.nvim_buf_get_name(0)), 'help ' .. tag)
  end
end)
